using System.Text.RegularExpressions;
using RealtimeGateway.Configuration;

namespace RealtimeGateway.Doctor;

/// <summary>What the headers of an answer tell an operator. Values are shown only where they can be nothing but what they should be.</summary>
internal static partial class AnswerHeaders
{
    private const string RequestIdHeader = "apim-request-id";

    /// <summary>The names of the headers about quota and waiting.</summary>
    public static IEnumerable<string> AboutQuota(HttpResponseMessage response) =>
        response.Headers.NonValidated.Select(header => header.Key.ToLowerInvariant()).Where(IsAboutQuota);

    /// <summary>The id that Azure support asks for.</summary>
    public static string? AzureRequestId(HttpResponseMessage response) =>
        response.Headers.TryGetValues(RequestIdHeader, out var values) ? Id(values) : null;

    public static string? AzureRequestId(IReadOnlyDictionary<string, IEnumerable<string>>? headers) =>
        headers?.FirstOrDefault(header => header.Key.Equals(RequestIdHeader, StringComparison.OrdinalIgnoreCase)).Value is { } values ? Id(values) : null;

    /// <summary>A list of methods or header names, as it came; <c>none</c> without one.</summary>
    public static string Words(HttpResponseMessage response, string header) =>
        response.Headers.TryGetValues(header, out var values)
            && string.Join(", ", values.SelectMany(value => value.Split(',')).Select(word => word.Trim()).Where(IsWord)) is { Length: > 0 } words
            ? words
            : "none";

    private static string? Id(IEnumerable<string> values) => values.FirstOrDefault() is { } id && IsId(id) ? id : null;

    private static bool IsAboutQuota(string header) => Quota().IsMatch(header);

    private static bool IsId(string value) => RequestId().IsMatch(value);

    private static bool IsWord(string value) => Word().IsMatch(value);

    [GeneratedRegex(@"^(x-ratelimit-[a-z-]{1,40}|retry-after(-ms)?)\z", RegexOptions.ExplicitCapture, Patterns.Timeout)]
    private static partial Regex Quota();

    [GeneratedRegex(@"^[A-Za-z0-9-]{1,64}\z", RegexOptions.None, Patterns.Timeout)]
    private static partial Regex RequestId();

    [GeneratedRegex(@"^(\*|[A-Za-z][A-Za-z0-9-]{0,40}\*?)\z", RegexOptions.ExplicitCapture, Patterns.Timeout)]
    private static partial Regex Word();
}
