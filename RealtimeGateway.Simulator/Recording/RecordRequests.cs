using System.Text;

namespace RealtimeGateway.Simulator.Recording;

/// <summary>Reads each request whole, records it, and hands it on with a body that can be read again.</summary>
internal sealed class RecordRequests(RequestDelegate next, ReceivedRequests received, TimeProvider time)
{
    public async Task InvokeAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        received.Record(Describe(http.Request, body));
        body.Position = 0;
        http.Request.Body = body;
        await next(http);
    }

    private ReceivedRequest Describe(HttpRequest request, MemoryStream body)
    {
        var headers = request.Headers.ToDictionary(
            header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var text = Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)body.Length);
        if (text.Length > ReceivedRequests.MaxBodyCharacters) text = text[..ReceivedRequests.MaxBodyCharacters];
        return new(time.GetUtcNow(), request.Method, request.Path.Value ?? "", request.QueryString.Value ?? "", headers, text);
    }
}
