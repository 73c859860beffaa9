using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Json;
using RealtimeGateway.Proxy;
using RealtimeGateway.Sessions;

namespace RealtimeGateway.Doctor.Findings;

/// <summary>
/// Whether <c>/calls</c> takes a form of <c>sdp</c> and <c>session</c> with the gateway's own credential, so that a call would need no mint. If it does, that is a
/// call, and it is hung up.
/// </summary>
internal static class FormWithKey
{
    public static async Task<Finding> AskAsync(Resource resource, BegunCalls calls, CancellationToken cancellation)
    {
        using var request = calls.Watch(CallCheck.NewOffer());
        request.Content = new MultipartFormDataContent { Part("sdp", request.Content!), Part("session", Session(resource)) };
        using var response = await resource.AskAsync(request, CallCheck.Path, QueryString.Empty, new(), cancellation);
        if (!response.IsSuccessStatusCode)
            return new("form_on_calls", $"refused: {await ErrorShape.ReadAsync(response, cancellation)}");
        var id = calls.Begin(response);
        if (id.Length > 0)
            await calls.EndAsync(id);
        return new("form_on_calls", $"accepted with the destination's own credential: {(int)response.StatusCode}");
    }

    private static ByteArrayContent Session(Resource resource)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
            GaDialect.WriteSession(writer, resource.Sessions[0], resource.DeploymentFor(resource.Sessions[0]));
        return new(buffer.WrittenSpan.ToArray()) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
    }

    // With quotation marks and without a file name, as OpenAI's SDKs write it.
    private static HttpContent Part(string name, HttpContent content)
    {
        content.Headers.ContentDisposition = new("form-data") { Name = $"\"{name}\"" };
        return content;
    }
}
