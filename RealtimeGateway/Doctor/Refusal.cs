using RealtimeGateway.Proxy;

namespace RealtimeGateway.Doctor;

/// <summary>Reads a refusal as the gateway does.</summary>
internal static class Refusal
{
    public static async Task<Observation> ReadAsync(HttpResponseMessage response, Destination destination, TimeProvider time, CancellationToken cancellation)
    {
        var failure = await UpstreamRefusal.ReadAsync(response, destination, isMint: true, time, cancellation);
        return Trouble.Of(failure) with { AzureRequestId = AnswerHeaders.AzureRequestId(response) };
    }
}
