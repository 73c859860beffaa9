using System.IO.Compression;
using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Answers;

namespace RealtimeGateway.Simulator.Breaking;

/// <summary>Effects that put other bytes where the body should be, over sound HTTP.</summary>
internal static class BodyFaults
{
    private const int PaddingCharacters = 9 * 1024 * 1024;
    private const int Chunks = 4;

    public static async Task CutJsonAsync(FaultedExchange exchange) => await exchange.WriteAsync(Half(await exchange.NormalBodyAsync()));

    public static Task HtmlAsync(FaultedExchange exchange) => AzureAnswer.Html(200, "Service maintenance").WriteAsync(exchange.Http);

    public static Task EmptyAsync(FaultedExchange exchange) => AzureAnswer.Empty(200).WriteAsync(exchange.Http);

    public static Task GarbageAsync(FaultedExchange exchange) => AzureAnswer.Json(200, new JsonObject
    {
        ["value"] = 42,
        ["expires_at"] = "soon",
        ["id"] = new JsonArray(),
        ["client_secret"] = "none",
        ["session"] = new JsonArray("simulated"),
    }).WriteAsync(exchange.Http);

    public static async Task OversizedAsync(FaultedExchange exchange)
    {
        var (_, json) = await exchange.NormalJsonAsync();
        json ??= [];
        json["padding"] = new string('x', PaddingCharacters);
        await AzureAnswer.Json(200, json).WriteAsync(exchange.Http);
    }

    public static async Task GzipAsync(FaultedExchange exchange) =>
        await WriteGzipAsync(exchange, Compress(await exchange.NormalBodyAsync()));

    public static async Task TruncatedGzipAsync(FaultedExchange exchange) =>
        await WriteGzipAsync(exchange, Half(Compress(await exchange.NormalBodyAsync())));

    public static async Task ChunkedAsync(FaultedExchange exchange)
    {
        var body = await exchange.NormalBodyAsync();
        var response = exchange.Http.Response;
        response.ContentLength = null;
        foreach (var chunk in body.Chunk(Math.Max(1, body.Length / Chunks)))
        {
            await response.Body.WriteAsync(chunk);
            await response.Body.FlushAsync();
        }
    }

    public static ReadOnlyMemory<byte> Half(ReadOnlyMemory<byte> body) => body[..(body.Length / 2)];

    private static Task WriteGzipAsync(FaultedExchange exchange, ReadOnlyMemory<byte> compressed)
    {
        exchange.Http.Response.Headers.ContentEncoding = "gzip";
        return exchange.WriteAsync(compressed);
    }

    private static ReadOnlyMemory<byte> Compress(byte[] body)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest)) gzip.Write(body);
        return compressed.ToArray();
    }
}
