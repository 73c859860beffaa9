using RealtimeGateway.Web;

namespace RealtimeGateway.Proxy;

/// <summary>Reads what a caller asks for: before a destination is chosen, and once, however many are tried.</summary>
internal interface IRequestReader
{
    /// <summary>Puts it into the exchange, or says why it is refused.</summary>
    ValueTask<GatewayError?> ReadAsync(HttpContext context, Exchange exchange);
}
