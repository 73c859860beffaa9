using System.Buffers;
using System.Collections.Concurrent;
using ZLogger;

namespace RealtimeGateway.Telemetry;

/// <summary>
/// Writes the lines of the log in batches, so that a request wakes no thread for its line. A line waits for a tenth of a second at most, a warning not at all, and nothing is lost:
/// whoever logs when too many lines wait writes them, and is held up while nobody reads them.
/// </summary>
internal sealed class BatchedLog : IAsyncLogProcessor
{
    /// <summary>Lines that may wait.</summary>
    public const int MaxWaiting = 1000;

    private const int BlockSize = 64 * 1024; // bytes that go out in one piece

    public static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentQueue<IZLoggerEntry> _waiting = new();
    private readonly ArrayBufferWriter<byte> _lines = new(BlockSize);
    private readonly Lock _writing = new();
    private readonly IZLoggerFormatter _formatter;
    private readonly Stream _output;
    private readonly ITimer _timer;
    private int _count;

    public BatchedLog(IZLoggerFormatter formatter, Stream output, TimeProvider time)
    {
        (_formatter, _output) = (formatter, output);
        _timer = time.CreateTimer(static log => ((BatchedLog)log!).Write(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Post(IZLoggerEntry log)
    {
        var isUrgent = log.LogInfo.LogLevel >= LogLevel.Warning;
        _waiting.Enqueue(log);
        var count = Interlocked.Increment(ref _count);
        if (isUrgent || count >= MaxWaiting)
            Write();
        else if (count == 1)
            _timer.Change(Wait, Timeout.InfiniteTimeSpan);
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
            // Reset before reading: a line that comes now finds itself the first, and is either read here or by the timer that it sets.
            Interlocked.Exchange(ref _count, 0);
            while (_waiting.TryDequeue(out var entry))
            {
                _formatter.FormatLogEntry(_lines, entry);
                entry.Return();
                _lines.Write("\n"u8);
                if (_lines.WrittenCount >= BlockSize)
                    WriteBlock();
            }

            WriteBlock();
        }
    }

    private void WriteBlock()
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
