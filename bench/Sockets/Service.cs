using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace RealtimeGateway.Bench.Sockets;

/// <summary>The service's side: takes any session, and answers each append of audio by a delta of the same size.</summary>
internal static class Service
{
    private static readonly byte[] Created = """{"type":"session.created","event_id":"e","session":{"type":"realtime","object":"realtime.session","id":"s"}}"""u8.ToArray();
    private static readonly byte[] Updated = """{"type":"session.updated","event_id":"e","session":{"type":"realtime","object":"realtime.session","id":"s"}}"""u8.ToArray();

    public static async Task<WebApplication> StartAsync(X509Certificate2? certificate)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().UseUrls(certificate is null ? "http://127.0.0.1:0" : "https://127.0.0.1:0");
        if (certificate is not null)
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureHttpsDefaults(https => https.ServerCertificate = certificate));
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        app.UseWebSockets();
        app.Run(ServeAsync);
        await app.StartAsync();
        return app;
    }

    private static async Task ServeAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync("realtime");
        await socket.SendAsync(Created.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, default);
        var isOpened = false;
        var answer = Encoding.UTF8.GetBytes(Events.Delta);
        while (await ReceiveAsync(socket))
        {
            await socket.SendAsync(isOpened ? answer.AsMemory() : Updated.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, default);
            isOpened = true;
        }
    }

    private static async Task<bool> ReceiveAsync(WebSocket socket)
    {
        try
        {
            await socket.ReceiveAsync(Memory<byte>.Empty, default);
            return await Events.ReceiveAsync(socket);
        }
        catch (WebSocketException)
        {
            return false;
        }
    }
}
