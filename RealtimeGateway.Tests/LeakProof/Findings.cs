using System.Buffers;
using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using RealtimeGateway.Simulator.Recording;

namespace RealtimeGateway.Tests.LeakProof;

/// <summary>Everything that was put out, and what of it should not have been.</summary>
internal sealed partial class Findings
{
    private static readonly (Canary Canary, SearchValues<string> Forms)[] Known =
        [.. Canaries.All.Select(canary => (canary, SearchValues.Create([.. canary.Forms()], StringComparison.OrdinalIgnoreCase)))];

    private static readonly SearchValues<string> Any = SearchValues.Create([.. Canaries.All.SelectMany(canary => canary.Forms())], StringComparison.OrdinalIgnoreCase);

    private readonly ConcurrentQueue<string> _leaks = new();
    private readonly ConcurrentDictionary<string, byte> _givenOut = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(Audience, string), byte> _seen = new();
    private readonly ConcurrentDictionary<Canary, byte> _found = new();

    /// <summary>What was found where it does not belong, each once.</summary>
    public IReadOnlyList<string> Leaks => [.. _leaks.Distinct(StringComparer.Ordinal)];

    /// <summary>What was found at all, most of it where it belongs.</summary>
    public IReadOnlyCollection<Canary> Found => [.. _found.Keys];

    /// <summary>Which exchanges, categories and commands have been looked into.</summary>
    public IReadOnlyCollection<(Audience Audience, string Where)> Seen => [.. _seen.Keys];

    public void AssertNoLeak() => Assert.True(_leaks.IsEmpty, string.Join('\n', Leaks));

    public void Add(Audience audience, string where, string part, string? text) => Add(new Output(audience, where, part, text ?? ""));

    public void AddBody(Audience audience, string where, string text)
    {
        if (where.Contains(" /metrics ", StringComparison.Ordinal))
            text = OfSimulator().Replace(text, "");
        foreach (var output in Output.OfBody(audience, where, text))
            Add(output);
    }

    /// <summary>A message of a socket.</summary>
    public void AddFrame(Audience audience, string where, string text, string part = "frame")
    {
        foreach (var output in Output.OfBody(audience, where, text, part))
            Add(output);
    }

    /// <summary>A request that the gateway has made.</summary>
    public void Add(Audience audience, ReceivedRequest received)
    {
        var where = $"{received.Method} {(received.Path.EndsWith("/hangup", StringComparison.Ordinal) ? "hangup" : received.Path)}";
        Add(audience, where, "path", received.Path);
        Add(audience, where, "query", received.Query);
        foreach (var (name, value) in received.Headers)
            AddHeader(audience, where, name, value);
        AddBody(audience, where, received.Body);
    }

    public void AddHeader(Audience audience, string where, string name, string value)
    {
        var header = new Output(audience, where, "name of a header", name);
        if (!Contract.AllowsHeader(header))
            _leaks.Enqueue($"{audience}, {where}: header {name}");
        Add(header);
        Add(audience, where, $"header {name.ToLowerInvariant()}", value);
    }

    public void Add(Output output)
    {
        _seen.TryAdd((output.Audience, output.Where), 0);
        foreach (var canary in In(output.Text))
        {
            _found.TryAdd(canary, 0);
            if (!Contract.Allows(canary, output))
                _leaks.Enqueue($"{output.Audience}, {output.Where}, {output.Part}: {canary.Name}");
        }

        foreach (var name in TokensIn(output))
            _leaks.Enqueue($"{output.Audience}, {output.Where}, {output.Part}: {name}");
    }

    /// <summary>What was planted and stands in this text, in whatever form.</summary>
    private static IEnumerable<Canary> In(string text) => text.AsSpan().ContainsAny(Any)
        ? Known.Where(known => text.AsSpan().ContainsAny(known.Forms)).Select(known => known.Canary)
        : [];

    /// <summary>Secrets, tickets and ids of calls: made while the proof runs, each for one answer to one caller.</summary>
    private IEnumerable<string> TokensIn(Output output) => Token().Matches(output.Text).Select(match => match.Value).Where(token => !IsRightfullyIn(output, token)).Select(NameOf);

    private bool IsRightfullyIn(Output output, string token) => (output.Audience, output.Part, IsOfTheService(token)) switch
    {
        (Audience.Caller, "body $.client_secret.value", true) => output.Where is "POST /sessions 200" or "POST /narrow 200" && IsNew(output, token),
        (Audience.Caller, "body $.value", false) => output.Where is "POST /openai/v1/realtime/client_secrets 200" && IsNew(output, token),
        (Audience.Caller, "header location", false) => output.Where is "POST /calls 201" or "POST /openai/v1/realtime/calls 201" && IsNew(output, token),
        (Audience.Caller, "body $.id", false) => output.Where is "GET /calls/{id} 200",
        (Audience.Service, "header authorization", true) => output.Where is "POST /openai/v1/realtime/calls",
        (Audience.Service, "path", true) => output.Text.EndsWith("/hangup", StringComparison.Ordinal),
        _ => false,
    };

    // A JSON text is looked into twice, as it is written and as it is meant.
    private bool IsNew(Output output, string token) => _givenOut.TryAdd(token, 0) || output.Part.StartsWith("body", StringComparison.Ordinal);

    private static string NameOf(string token) => (token[0], IsOfTheService(token)) switch
    {
        ('e', true) => "a secret of the service",
        ('e', false) => "a ticket",
        (_, true) => "the service's id of a call",
        _ => "the id of a call",
    };

    private static bool IsOfTheService(string token) => OfTheService().IsMatch(token);

    // The simulator's server stands in the same process, and meters are the process's.
    [GeneratedRegex(@"^kestrel_.*$", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OfSimulator();

    [GeneratedRegex(@"\b(ek|rtc)_[\w-]{20,}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Token();

    [GeneratedRegex(@"^(ek_[0-9a-f]{32}|rtc_[0-9a-f]{24})\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OfTheService();
}
