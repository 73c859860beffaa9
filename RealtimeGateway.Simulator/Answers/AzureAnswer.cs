using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RealtimeGateway.Simulator.Answers;

/// <summary>One whole HTTP answer: status, content type and body, decided before anything is written.</summary>
internal sealed record AzureAnswer(int Status, string? ContentType, ReadOnlyMemory<byte> Body)
{
    // Quotes and angle brackets as they are, like the service itself.
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static AzureAnswer Json(int status, JsonNode body) =>
        new(status, "application/json", Encoding.UTF8.GetBytes(body.ToJsonString(Plain)));

    public static AzureAnswer Html(int status, string title) =>
        new(status, "text/html", Encoding.UTF8.GetBytes($"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"));

    public static AzureAnswer Sdp(string answer) => new(201, "application/sdp", Encoding.UTF8.GetBytes(answer));

    public static AzureAnswer Empty(int status) => new(status, null, default);

    public Task WriteAsync(HttpContext http)
    {
        http.Response.StatusCode = Status;
        // Kestrel does not let a 204 have a length, not even 0.
        if (Status == StatusCodes.Status204NoContent) return Task.CompletedTask;
        http.Response.ContentType = ContentType;
        http.Response.ContentLength = Body.Length;
        return http.Response.Body.WriteAsync(Body, http.RequestAborted).AsTask();
    }
}
