namespace RealtimeGateway.Proxy;

/// <summary>What a caller is answered with in place of the upstream's own answer. Never for caches.</summary>
internal sealed record GatewayAnswer(int Status, string ContentType, ReadOnlyMemory<byte> Body)
{
    /// <summary>Where what was begun is to be found.</summary>
    public string? Location { get; init; }

    public static GatewayAnswer Json(ReadOnlyMemory<byte> body) => new(StatusCodes.Status200OK, "application/json", body);

    /// <summary>Whether it is on its way: <c>false</c> when the connection is known to be gone. Nobody can know whether it arrives.</summary>
    public async Task<bool> WriteAsync(HttpResponse response)
    {
        response.StatusCode = Status;
        response.ContentType = ContentType;
        response.ContentLength = Body.Length;
        response.Headers.CacheControl = "no-store";
        if (Location is not null)
            response.Headers.Location = Location;
        // Kestrel drops what is written to a connection that is gone, and tells the request's token later.
        return await response.BodyWriter.WriteAsync(Body, response.HttpContext.RequestAborted) is { IsCompleted: false };
    }
}
