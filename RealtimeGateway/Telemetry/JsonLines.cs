using System.Buffers;
using ZLogger;
using ZLogger.Formatters;

namespace RealtimeGateway.Telemetry;

/// <summary>The log as JSON, one object a line. The line of a request says all it has to say by its members: a message that said it again would be two fifths of the log.</summary>
internal sealed class JsonLines : IZLoggerFormatter
{
    private static readonly string OfRequests = typeof(RequestLog).FullName!;

    private readonly SystemTextJsonZLoggerFormatter _whole = new();
    private readonly SystemTextJsonZLoggerFormatter _members = new() { IncludeProperties = IncludeProperties.Default & ~IncludeProperties.Message };

    public bool WithLineBreak => true;

    public void FormatLogEntry(IBufferWriter<byte> writer, IZLoggerEntry entry) =>
        (entry.LogInfo.Category.Name == OfRequests ? _members : _whole).FormatLogEntry(writer, entry);
}
