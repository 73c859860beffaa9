using System.Diagnostics;
using System.Text.RegularExpressions;
using Azure;
using Azure.Core;
using RealtimeGateway.Configuration;

namespace RealtimeGateway.Credentials;

/// <summary>
/// A token of Microsoft Entra ID. It is fetched once for all who wait and renewed before it expires while requests go on with the old one, which
/// is sent until it really expires when no new one can be had.
/// </summary>
[DebuggerDisplay("{ToString(),nq}")]
internal sealed partial class EntraCredential(string name, EntraOptions settings, TokenCredential source, TimeProvider time, ILogger logger) : ICredential
{
    /// <summary>How long one attempt may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The longest pause between two attempts after failures; the first is a second, each of the next twice as long.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private static readonly string[] AllStates = ["token", "stale", "no_token"];

    private readonly Lock _lock = new();
    private volatile BearerToken? _token;
    private Task _fetching = Task.CompletedTask;
    private long _dueAt; // ticks, UTC
    private int _failures;
    private string _cause = "none was asked for yet";
    private DateTimeOffset? _since;

    public string Name => name;

    public EntraOptions Settings => settings;

    public IReadOnlyList<string> States => AllStates;

    private bool IsDue => time.GetUtcNow().UtcTicks >= Volatile.Read(ref _dueAt);

    private BearerToken? Good => _token is { } token && token.IsGood(time.GetUtcNow()) ? token : null;

    // The next token is for all of them.
    public ICredential For(ICredential? previous) => this;

    public ValueTask<Proof> CurrentAsync(CancellationToken cancellation)
    {
        RefreshIfDue();
        return Good is { } token ? new(token.Proof) : new(WaitAsync(cancellation));
    }

    /// <summary>Begins to fetch a token when it is time, and does not wait for it.</summary>
    public void RefreshIfDue()
    {
        if (IsDue)
            _ = FetchOnce();
    }

    public bool TryTurnFrom(Proof refused) => Good is { } token && token.Proof != refused;

    public void Accepted(Proof proof)
    {
    }

    public CredentialReport Report()
    {
        lock (_lock)
        {
            if (Good is null)
                return new(Name, "no_token", _token?.ExpiresAt ?? _since);
            return new(Name, _failures > 0 ? "stale" : "token", _since);
        }
    }

    public override string ToString() => $"{Name}: ***";

    private async Task<Proof> WaitAsync(CancellationToken cancellation)
    {
        await FetchOnce().WaitAsync(cancellation);
        return Good?.Proof ?? throw new CredentialAwayException(Name, Volatile.Read(ref _cause));
    }

    // One fetch at a time, shared by all who wait for it: it must neither end nor log in the name of the request that happened to be first.
    private Task FetchOnce()
    {
        lock (_lock)
        {
            if (!_fetching.IsCompleted || !IsDue)
                return _fetching;
            using (ExecutionContext.SuppressFlow())
                return _fetching = Task.Run(FetchAsync);
        }
    }

    private async Task FetchAsync()
    {
        try
        {
            using var patience = new CancellationTokenSource(Patience, time);
            var answer = await source.GetTokenAsync(new TokenRequestContext([settings.Scope]), patience.Token).AsTask().WaitAsync(patience.Token);
            if (BearerToken.Of(answer, time.GetUtcNow()) is { } token)
                Take(token);
            else
                Miss("the answer was no token that could be sent");
        }
        // Whatever went wrong: requests go on with what there is, and another attempt follows.
        catch (Exception e)
        {
            Miss(CauseOf(e));
        }
    }

    private void Take(BearerToken token)
    {
        lock (_lock)
        {
            var isNews = Good is null || _failures > 0;
            (_token, _failures) = (token, 0);
            Volatile.Write(ref _dueAt, token.RefreshAt.UtcTicks);
            if (!isNews)
                return;
            _since = time.GetUtcNow();
            Log.Fetched(logger, Name, token.ExpiresAt);
        }
    }

    private void Miss(string cause)
    {
        lock (_lock)
        {
            if (_failures++ == 0)
                _since = time.GetUtcNow();
            _cause = cause;
            var pause = TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, Math.Pow(2, _failures - 1)));
            Volatile.Write(ref _dueAt, (time.GetUtcNow() + pause).UtcTicks);
            Log.Missed(logger, Name, cause, Good is { } token ? $"the old one is sent until {token.ExpiresAt:O}" : "requests that need one fail", pause);
        }
    }

    // The identity library's messages quote what was sent and received; types, statuses and Entra's own error numbers say enough.
    private static string CauseOf(Exception exception) => exception is OperationCanceledException
        ? "timeout"
        : string.Join(", ", Types(exception).Concat(EntraError().Matches(exception.ToString()).Select(match => match.Value)).Distinct(StringComparer.Ordinal));

    private static IEnumerable<string> Types(Exception exception)
    {
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            yield return inner switch
            {
                RequestFailedException { Status: > 0 and var status } => $"{inner.GetType().Name} {status}",
                HttpRequestException { HttpRequestError: var error } => $"{inner.GetType().Name} {error}",
                _ => inner.GetType().Name,
            };
        }
    }

    [GeneratedRegex(@"AADSTS\d{1,9}", RegexOptions.None, Patterns.Timeout)]
    private static partial Regex EntraError();

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Credential {Credential}: a token is there, good until {ExpiresAt:O}")]
        public static partial void Fetched(ILogger logger, string credential, DateTimeOffset expiresAt);

        [LoggerMessage(2, LogLevel.Warning, "Credential {Credential}: no new token ({Cause}); {Consequence}; the next attempt is in {Pause}")]
        public static partial void Missed(ILogger logger, string credential, string cause, string consequence, TimeSpan pause);
    }
}
