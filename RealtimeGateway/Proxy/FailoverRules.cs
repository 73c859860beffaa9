using System.Globalization;
using RealtimeGateway.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace RealtimeGateway.Proxy;

/// <summary>How a route tries again at another destination, by its metadata.</summary>
/// <param name="Attempts">Metadata <c>Attempts</c>: the most destinations that one request may try, 1 to 10.</param>
/// <param name="AttemptTimeout">
/// Metadata <c>AttemptTimeout</c>: how long one attempt may wait for its answer while another destination is left; the last one has what is left of
/// <c>Timeout</c>. <c>null</c> for as long as it takes.
/// </param>
/// <param name="Body">Metadata <c>FailoverBody</c>: bytes up to which the body of a pass-through request is kept for another attempt; 0 keeps none.</param>
internal sealed record FailoverRules(int Attempts, TimeSpan? AttemptTimeout, int Body)
{
    public const string AttemptsKey = "Attempts";
    public const string AttemptTimeoutKey = "AttemptTimeout";
    public const string StatusesKey = "FailoverOn";
    public const string BodyKey = "FailoverBody";

    private const int DefaultAttempts = 3;
    private const int DefaultBody = 64 * 1024;
    private const string DefaultStatuses = "3xx;401;403;404;408;429;431;5xx";
    private static readonly TimeSpan DefaultAttemptTimeout = TimeSpan.FromSeconds(5);

    private readonly HashSet<int> _statuses = [];

    /// <summary>Metadata <c>FailoverOn</c>: whether a mint that met this status goes on to the next destination.</summary>
    public bool GoesOnAt(int status) => _statuses.Contains(status) || _statuses.Contains(status / 100);

    /// <param name="key">The route's key in the configuration, for faults.</param>
    /// <param name="isMint">Whether the route mints; a pass-through answer may take its time.</param>
    public static FailoverRules Read(RouteConfig route, string key, bool isMint, ConfigurationFaults faults)
    {
        var metadata = new MetadataReader(route.Metadata, key, faults);
        var rules = new FailoverRules(
            metadata.Number(AttemptsKey, 1, 10) ?? DefaultAttempts,
            metadata.Time(AttemptTimeoutKey, TimeSpan.FromHours(1)) ?? (isMint ? DefaultAttemptTimeout : null),
            (int)Math.Min(metadata.Number(BodyKey, 0, 1024 * 1024) ?? DefaultBody, route.MaxRequestBodySize is >= 0 and var most ? most : int.MaxValue));
        rules.ReadStatuses(metadata, isMint);
        return rules;
    }

    private void ReadStatuses(MetadataReader metadata, bool isMint)
    {
        if (metadata.Text(StatusesKey) is { } text && !isMint)
            metadata.Refuse(StatusesKey, text, "is for routes with SessionProfile; others go on at 429 and when no connection was made");
        foreach (var entry in (metadata.Text(StatusesKey) ?? DefaultStatuses).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (entry.Length == 3 && entry[1..] is "xx" && entry[0] is >= '3' and <= '5')
                _statuses.Add(entry[0] - '0');
            else if (int.TryParse(entry, NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status is >= 300 and <= 599)
                _statuses.Add(status);
            else
                metadata.Refuse(StatusesKey, entry, "must be statuses such as 429 or 5xx, separated by semicolons");
        }
    }
}
