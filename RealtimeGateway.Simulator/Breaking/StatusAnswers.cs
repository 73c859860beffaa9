using System.Globalization;
using RealtimeGateway.Simulator.Answers;
using RealtimeGateway.Simulator.Validation;

namespace RealtimeGateway.Simulator.Breaking;

/// <summary>
/// What effect <c>status</c> can answer: every status that Azure is known to send, with its bodies. The first variant is the default.
/// </summary>
internal static class StatusAnswers
{
    private const string DefaultLocation = $"https://{Telltales.RedirectHost}/openai";

    private static readonly (int Status, string Variant, AzureAnswer Answer)[] Table =
    [
        (301, "moved", AzureAnswer.Empty(301)),
        (302, "moved", AzureAnswer.Empty(302)),
        (307, "moved", AzureAnswer.Empty(307)),
        (308, "moved", AzureAnswer.Empty(308)),
        (400, "invalid", AzureErrors.Refused(Violation.Invalid("session.model", "something else"))),
        (400, "contentFilter", AzureErrors.ContentFilter),
        (401, "key", AzureErrors.WrongKey),
        (401, "token", AzureErrors.WrongToken),
        (401, "role", AzureErrors.RoleMissing),
        (403, "keysDisabled", AzureErrors.KeysDisabled),
        (403, "network", AzureErrors.NetworkDenied),
        (404, "deployment", AzureErrors.DeploymentNotFound),
        (404, "path", AzureErrors.ResourceNotFound),
        (404, "call", AzureErrors.CallNotFound),
        (404, "empty", AzureAnswer.Empty(404)),
        (408, "timeout", AzureErrors.Timeout),
        (429, "quota", AzureErrors.QuotaExceeded),
        (429, "capacity", AzureErrors.CapacityExceeded),
        (431, "headers", AzureErrors.TooManyHeaders),
        (431, "empty", AzureAnswer.Empty(431)),
        (500, "server", AzureErrors.ServerError),
        (502, "html", AzureErrors.BadGateway),
        (503, "unavailable", AzureErrors.ServiceUnavailable),
        (504, "timeout", AzureErrors.GatewayTimeout),
    ];

    public static IReadOnlyList<int> Statuses { get; } = [.. Table.Select(row => row.Status).Distinct()];

    public static IReadOnlyList<string> StatusNames { get; } =
        [.. Statuses.Select(status => status.ToString(CultureInfo.InvariantCulture))];

    public static IReadOnlyList<string> VariantsOf(int status) =>
        [.. Table.Where(row => row.Status == status).Select(row => row.Variant)];

    public static bool IsRedirect(int status) => status is >= 300 and < 400;

    public static Task AnswerAsync(FaultedExchange exchange)
    {
        var fault = exchange.Fault;
        var headers = exchange.Http.Response.Headers;
        if (fault.RetryAfter is { } seconds) headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        if (fault.RetryAfterDate is { } date) headers.RetryAfter = date.ToString("R", CultureInfo.InvariantCulture);
        if (fault.RetryAfterMs is { } milliseconds) headers["retry-after-ms"] = milliseconds.ToString(CultureInfo.InvariantCulture);
        if (IsRedirect(fault.Status!.Value)) headers.Location = fault.Location ?? DefaultLocation;
        return Table.First(row => row.Status == fault.Status && (fault.Variant is null || row.Variant == fault.Variant))
            .Answer.WriteAsync(exchange.Http);
    }
}
