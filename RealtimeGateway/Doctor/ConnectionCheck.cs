using System.Globalization;

namespace RealtimeGateway.Doctor;

/// <summary>Reaches the resource: name, network, outbound proxy and certificate. It sends no credential, and whatever is answered will do.</summary>
internal static class ConnectionCheck
{
    public static async Task<Observation> RunAsync(Resource resource, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage { Method = HttpMethod.Head };
        using var response = await resource.AskBareAsync(request, "/", cancellation);
        return new() { Detail = string.Create(CultureInfo.InvariantCulture, $"HTTP/{response.Version}, {resource.Destination.Address.Scheme}") };
    }
}
