using System.Buffers;
using ZLogger;

namespace RealtimeGateway.Telemetry;

/// <summary>
/// Writes the lines of the log in batches, so that a request wakes no thread for its line. A line waits for a tenth of a second at most, a warning not at all, and nothing is lost:
/// whoever fills a batch writes it, and is held up while nobody reads the log. What waits is text, and no object that would outlive its request.
/// </summary>
internal sealed class BatchedLog : IAsyncLogProcessor
{
    /// <summary>Bytes that go out without waiting for more.</summary>
    public const int BatchSize = 32 * 1024;

    public static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(100);

    private readonly ArrayBufferWriter<byte> _lines = new(2 * BatchSize);
    private readonly Lock _writing = new();
    private readonly IZLoggerFormatter _formatter;
    private readonly Stream _output;
    private readonly ITimer _timer;

    public BatchedLog(IZLoggerFormatter formatter, Stream output, TimeProvider time)
    {
        (_formatter, _output) = (formatter, output);
        _timer = time.CreateTimer(static log => ((BatchedLog)log!).Write(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Post(IZLoggerEntry log)
    {
        lock (_writing)
        {
            var isFirst = _lines.WrittenCount == 0;
            _formatter.FormatLogEntry(_lines, log);
            _lines.Write("\n"u8);
            if (log.LogInfo.LogLevel >= LogLevel.Warning || _lines.WrittenCount >= BatchSize)
                Write();
            else if (isFirst)
                _timer.Change(Wait, Timeout.InfiniteTimeSpan);
        }

        log.Return();
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        Write();
    }

    private void Write()
    {
        lock (_writing)
        {
            try
            {
                _output.Write(_lines.WrittenSpan);
                _output.Flush();
            }
            catch (IOException)
            {
                // Whoever read the log has gone, and there is no other place to say so.
            }

            _lines.ResetWrittenCount();
        }
    }
}
