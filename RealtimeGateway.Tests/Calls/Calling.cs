using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Calls;

/// <summary>What a caller does with calls.</summary>
internal static class Calling
{
    public const string Offer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n";

    public static Task<HttpResponseMessage> CallAsync(
        this Gateway gateway, string offer = Offer, string? type = "application/sdp", string path = "/calls", string? key = null, CancellationToken? cancellation = null)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(offer));
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        return gateway.SendAsync(HttpMethod.Post, path, key, content, cancellation);
    }

    /// <summary>Begins a call; the path that it can be asked about and ended at.</summary>
    public static async Task<string> BeginCallAsync(this Gateway gateway, string? key = null, string path = "/calls")
    {
        using var response = await gateway.CallAsync(key: key, path: path);
        Assert.Equal(201, (int)response.StatusCode);
        return response.Headers.Location!.OriginalString;
    }

    public static Task<HttpResponseMessage> HangUpAsync(this Gateway gateway, string call, string? key = null) => gateway.SendAsync(HttpMethod.Delete, call, key);

    public static Task<HttpResponseMessage> AskAsync(this Gateway gateway, string call, string? key = null) => gateway.SendAsync(HttpMethod.Get, call, key);

    public static async Task<JsonNode> DescribeAsync(this Gateway gateway, string call)
    {
        using var response = await gateway.AskAsync(call);
        Assert.Equal(200, (int)response.StatusCode);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
    }

    /// <summary>Sends it and forgets the answer.</summary>
    public static async Task<int> StatusAsync(this Task<HttpResponseMessage> sending)
    {
        using var response = await sending;
        return (int)response.StatusCode;
    }

    public static Task<HttpResponseMessage> SendAsync(
        this Gateway gateway, HttpMethod method, string path, string? key, HttpContent? content = null, CancellationToken? cancellation = null)
    {
        var request = new HttpRequestMessage(method, path) { Content = content };
        if (key is not null)
            request.Headers.Authorization = new("Bearer", key);
        return gateway.Http.SendAsync(request, cancellation ?? TestContext.Current.CancellationToken);
    }

    /// <summary>A form as OpenAI's SDKs write it: parts without file names.</summary>
    public static (string Body, string Type) Form(params (string Name, string Value)[] parts) =>
        (string.Concat(parts.Select(part => $"--x\r\nContent-Disposition: form-data; name=\"{part.Name}\"\r\n\r\n{part.Value}\r\n")) + "--x--\r\n", "multipart/form-data; boundary=x");

    /// <summary>No secret, however it came by, stands in the log.</summary>
    public static void AssertNoSecretLogged(this Gateway gateway) => Assert.DoesNotContain(
        gateway.Logs.GetSnapshot(), record => $"{record.Message} {record.Exception} {string.Join(' ', record.StructuredState ?? [])}".ShowsSecret());
}
