using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using RealtimeGateway.Simulator.Answers;

namespace RealtimeGateway.Simulator.Breaking;

/// <summary>Effects that keep the client waiting or take the connection away.</summary>
internal static class ConnectionFaults
{
    public static async Task DelayAsync(FaultedExchange exchange)
    {
        if (await exchange.WaitAsync(TimeSpan.FromMilliseconds(exchange.Fault.DelayMs!.Value))) await exchange.ContinueAsync();
        else exchange.Http.Abort();
    }

    public static async Task LateAsync(FaultedExchange exchange)
    {
        var body = await exchange.NormalBodyAsync();
        if (await exchange.WaitAsync(TimeSpan.FromMilliseconds(exchange.Fault.DelayMs!.Value))) await exchange.WriteAsync(body);
        else exchange.Http.Abort();
    }

    public static async Task HangAsync(FaultedExchange exchange)
    {
        await exchange.WaitAsync(Timeout.InfiniteTimeSpan);
        exchange.Http.Abort();
    }

    public static async Task HangMidBodyAsync(FaultedExchange exchange)
    {
        await SendHalfAsync(exchange);
        await HangAsync(exchange);
    }

    /// <summary>Kestrel closes an aborted connection without lingering, which is a TCP reset.</summary>
    public static Task ResetAsync(FaultedExchange exchange)
    {
        exchange.Http.Abort();
        return Task.CompletedTask;
    }

    public static async Task ResetMidBodyAsync(FaultedExchange exchange)
    {
        await SendHalfAsync(exchange);
        exchange.Http.Abort();
    }

    public static async Task TruncateAsync(FaultedExchange exchange)
    {
        (await SendHalfAsync(exchange)).Shutdown(SocketShutdown.Send);
        // Aborting now would turn the orderly end into a reset.
        await HangAsync(exchange);
    }

    /// <summary>
    /// Writes to the socket itself: Kestrel hands bytes on in its own time and complains about a body that is shorter than announced.
    /// </summary>
    private static async Task<Socket> SendHalfAsync(FaultedExchange exchange)
    {
        var body = await exchange.NormalBodyAsync();
        var response = exchange.Http.Response;
        response.ContentLength = Math.Max(1, body.Length); // of nothing there is no half, and the answer would be whole
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {response.StatusCode} {Telltales.ReasonPhrase}\r\n");
        foreach (var (name, values) in response.Headers)
            foreach (var value in values) head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        head.Append("\r\n");

        var socket = exchange.Http.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket;
        await socket.SendAsync(Encoding.ASCII.GetBytes(head.ToString()), exchange.Http.RequestAborted);
        await socket.SendAsync(BodyFaults.Half(body), exchange.Http.RequestAborted);
        return socket;
    }
}
