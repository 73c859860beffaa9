using System.Globalization;
using System.Text.RegularExpressions;
using RealtimeGateway.Configuration;

namespace RealtimeGateway.Proxy;

/// <summary>
/// How long a throttling destination asks to be left alone, by the most exact of its headers: <c>retry-after-ms</c>, <c>Retry-After</c> (seconds or a
/// date), then the later of <c>x-ratelimit-reset-requests</c> and <c>x-ratelimit-reset-tokens</c> (seconds, or a duration such as <c>1m30s</c> or <c>20ms</c>).
/// </summary>
internal static partial class StatedWait
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>From 1 ms to one hour; <c>null</c> when no header says anything that can be read.</summary>
    public static TimeSpan? Read(HttpResponseMessage response, TimeProvider time)
    {
        var wait = Milliseconds(Value(response, "retry-after-ms"))
            ?? response.Headers.RetryAfter?.Delta
            ?? response.Headers.RetryAfter?.Date - time.GetUtcNow()
            ?? Later(Duration(Value(response, "x-ratelimit-reset-requests")), Duration(Value(response, "x-ratelimit-reset-tokens")));
        return wait is { } stated ? TimeSpan.FromMilliseconds(Math.Clamp(stated.TotalMilliseconds, 1, Longest.TotalMilliseconds)) : null;
    }

    private static string? Value(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? values.First() : null;

    private static TimeSpan? Milliseconds(string? text) => Number(text) is { } number ? TimeSpan.FromMilliseconds(Math.Min(number, Longest.TotalMilliseconds)) : null;

    private static TimeSpan? Duration(string? text)
    {
        if (text is null)
            return null;
        if (Number(text) is { } seconds)
            return TimeSpan.FromSeconds(Math.Min(seconds, Longest.TotalSeconds));
        if (DurationParts().Match(text) is not { Success: true } match)
            return null;
        var milliseconds = Part(match, "h") * 3_600_000 + Part(match, "m") * 60_000 + Part(match, "s") * 1000 + Part(match, "ms");
        return TimeSpan.FromMilliseconds(Math.Min(milliseconds, Longest.TotalMilliseconds));
    }

    private static double Part(Match match, string name) => Number(match.Groups[name].Value) ?? 0;

    private static double? Number(string? text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    private static TimeSpan? Later(TimeSpan? one, TimeSpan? other) => one is null || other > one ? other : one;

    [GeneratedRegex(
        @"^(?=\d)((?<h>\d{1,6})h)?((?<m>\d{1,6})m(?!s))?((?<s>\d{1,6}(\.\d{1,9})?)s)?((?<ms>\d{1,9}(\.\d{1,9})?)ms)?\z",
        RegexOptions.ExplicitCapture, Patterns.Timeout)]
    private static partial Regex DurationParts();
}
