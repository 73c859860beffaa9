using System.Collections.Concurrent;

namespace RealtimeGateway.Sockets;

/// <summary>Tells the operator, once for each, that the service sends events which are not known here.</summary>
internal sealed partial class UnknownEvents(ILogger<UnknownEvents> logger)
{
    private const int MaxTypes = 64;
    private const int MaxName = 64;

    private readonly ConcurrentDictionary<string, bool> _types = new(StringComparer.Ordinal);

    public void Note(string destination, string type)
    {
        if (IsName(type) && _types.Count < MaxTypes && _types.TryAdd(type, value: true))
            Log.Unknown(logger, destination, type);
    }

    private static bool IsName(string type) => type.Length is > 0 and <= MaxName && type.All(one => char.IsAsciiLetterOrDigit(one) || one is '_' or '.');

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Destination {Destination} sends events of type {Type}, which is not known here; they do not reach callers")]
        public static partial void Unknown(ILogger logger, string destination, string type);
    }
}
