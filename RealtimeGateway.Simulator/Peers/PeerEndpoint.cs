using System.Reflection;

namespace RealtimeGateway.Simulator.Peers;

/// <summary>
/// <c>GET /peer/</c>: the page whose browser answers calls, and its scripts (part of the assembly). <c>GET /peer/socket</c>: the WebSocket of that page, and of no other:
/// 403 for a foreign <c>Origin</c>, and for a page that calls this machine by a name of its own.
/// </summary>
internal sealed class PeerEndpoint(WaitingPeers waiting, IHostApplicationLifetime lifetime, ILogger<PeerEndpoint> logger)
{
    /// <summary>A page of the same machine may frame it, nobody else; it talks to the simulator only.</summary>
    private const string Policy =
        "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; " +
        "frame-ancestors http://localhost:* http://127.0.0.1:* https://localhost:* https://127.0.0.1:*";

    public static bool Owns(HttpContext http) => http.Request.Path.StartsWithSegments("/peer", StringComparison.OrdinalIgnoreCase);

    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/peer/", http => WriteAsync(http, "peer.html", "text/html; charset=utf-8"));
        app.MapGet("/peer/peer.js", http => WriteAsync(http, "peer.js", "text/javascript; charset=utf-8"));
        app.MapGet("/peer/microphone.js", http => WriteAsync(http, "microphone.js", "text/javascript; charset=utf-8"));
        app.MapGet("/peer/socket", ConnectAsync);
    }

    private static async Task WriteAsync(HttpContext http, string file, string contentType)
    {
        http.Response.ContentType = contentType;
        http.Response.Headers.ContentSecurityPolicy = Policy;
        http.Response.Headers.CacheControl = "no-store";
        await using var content = Assembly.GetExecutingAssembly().GetManifestResourceStream($"{typeof(PeerEndpoint).Namespace}.{file}")!;
        await content.CopyToAsync(http.Response.Body, http.RequestAborted);
    }

    private async Task ConnectAsync(HttpContext http)
    {
        if (!http.WebSockets.IsWebSocketRequest || http.Request.Headers.Origin.Count == 0 || !Reach.IsFromHere(http.Request))
        {
            http.Response.StatusCode = http.WebSockets.IsWebSocketRequest ? StatusCodes.Status403Forbidden : StatusCodes.Status400BadRequest;
            return;
        }

        using var webSocket = await http.WebSockets.AcceptWebSocketAsync();
        using var socket = new PeerSocket(webSocket);
        var peer = new Peer(socket, http.Request.Query["tag"].ToString(), logger);
        waiting.Add(peer);
        try
        {
            await socket.SendAsync(new PeerMessage("waiting"), lifetime.ApplicationStopping);
            await peer.ServeAsync(lifetime.ApplicationStopping);
        }
        finally
        {
            waiting.Remove(peer);
        }
    }
}
