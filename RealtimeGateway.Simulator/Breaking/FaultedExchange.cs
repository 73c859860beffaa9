using System.Text.Json;
using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Answers;

namespace RealtimeGateway.Simulator.Breaking;

/// <summary>A request that met a fault, and the normal answer that an effect may ask for and spoil.</summary>
internal sealed class FaultedExchange(HttpContext http, Fault fault, RequestDelegate next, TimeProvider time, CancellationToken stopping)
{
    public HttpContext Http => http;

    public Fault Fault => fault;

    public bool Succeeded => http.Response.StatusCode is >= 200 and < 300;

    public Task ContinueAsync() => next(http);

    /// <summary>Lets the endpoint answer into memory. Status and headers stand on the response, the body is returned.</summary>
    public async Task<byte[]> NormalBodyAsync()
    {
        var wire = http.Response.Body;
        using var memory = new MemoryStream();
        http.Response.Body = memory;
        try
        {
            await next(http);
        }
        finally
        {
            http.Response.Body = wire;
        }

        return memory.ToArray();
    }

    /// <summary>As <see cref="NormalBodyAsync"/>, with the body parsed where it is a JSON object.</summary>
    public async Task<(byte[] Body, JsonObject? Json)> NormalJsonAsync()
    {
        var body = await NormalBodyAsync();
        return (body, http.Response.ContentType == "application/json" ? Parse(body) : null);
    }

    // A fault beneath this one may have left half of it.
    private static JsonObject? Parse(byte[] body)
    {
        try
        {
            return JsonNode.Parse(body) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public Task WriteAsync(ReadOnlyMemory<byte> body) =>
        new AzureAnswer(http.Response.StatusCode, http.Response.ContentType, body).WriteAsync(http);

    /// <summary>Waits; false when the client left or the simulator stops in the meantime.</summary>
    public async Task<bool> WaitAsync(TimeSpan duration)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        await Task.Delay(duration, time, ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !ended.IsCancellationRequested;
    }
}
