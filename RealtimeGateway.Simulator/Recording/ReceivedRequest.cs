namespace RealtimeGateway.Simulator.Recording;

/// <summary>One request as it arrived, credentials included.</summary>
/// <param name="ReceivedAt">When its last byte was read.</param>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Path without the query.</param>
/// <param name="Query">Query with its question mark, or empty.</param>
/// <param name="Headers">All headers; several values of one name are joined by a comma. Names compare without case.</param>
/// <param name="Body">Body as UTF-8 text, cut after <see cref="ReceivedRequests.MaxBodyCharacters"/>.</param>
public sealed record ReceivedRequest(
    DateTimeOffset ReceivedAt, string Method, string Path, string Query, IReadOnlyDictionary<string, string> Headers, string Body);
