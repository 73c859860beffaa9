using RealtimeGateway.Proxy;
using RealtimeGateway.Sessions;

namespace RealtimeGateway.Doctor.Findings;

/// <summary>Whether calls and secrets can be asked about or taken back. The call is over when this is asked, lest a DELETE take the place of the hang-up.</summary>
internal static class OtherMethods
{
    public static async Task<IReadOnlyList<Finding>> AskAsync(Resource resource, string call, CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        foreach (var (path, name) in new[] { ((PathString)$"{CallCheck.Path}/{(call.Length > 0 ? call : "rtc_none")}", "call"), (GaDialect.SecretsPath, "secrets") })
        {
            foreach (var method in new[] { HttpMethod.Get, HttpMethod.Delete })
            {
                using var request = new HttpRequestMessage { Method = method };
                using var response = await resource.AskAsync(request, path, QueryString.Empty, new(), cancellation);
                findings.Add(new($"{method.Method.ToLowerInvariant()}_{name}", await ErrorShape.ReadAsync(response, cancellation)));
            }
        }

        return findings;
    }
}
