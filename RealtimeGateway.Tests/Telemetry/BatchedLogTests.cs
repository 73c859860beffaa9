using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using RealtimeGateway.Telemetry;
using ZLogger;

namespace RealtimeGateway.Tests.Telemetry;

public sealed class BatchedLogTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly Output _output = new();
    private readonly ILoggerFactory _factory;
    private readonly ILogger _logger;

    public BatchedLogTests()
    {
        _factory = LoggerFactory.Create(logging => logging.AddZLoggerLogProcessor(options => new BatchedLog(options.CreateFormatter(), _output, _time)));
        _logger = _factory.CreateLogger("tests");
    }

    [Fact]
    public void Lines_wait_a_moment_and_are_written_together()
    {
        Say("one");
        Say("two");
        Assert.Equal("", _output.Text);

        _time.Advance(BatchedLog.Wait);

        Assert.Equal(("one\ntwo\n", 1), (_output.Text, _output.Writes));
    }

    [Fact]
    public void The_next_line_waits_anew()
    {
        Say("one");
        _time.Advance(BatchedLog.Wait);
        Say("two");
        Assert.Equal("one\n", _output.Text);

        _time.Advance(BatchedLog.Wait);

        Assert.Equal("one\ntwo\n", _output.Text);
    }

    [Fact]
    public void A_warning_does_not_wait_and_takes_along_what_came_before_it()
    {
        Say("before");

        _logger.Log(LogLevel.Warning, 0, "trouble", null, static (text, _) => text);

        Assert.Equal("before\ntrouble\n", _output.Text);
    }

    [Fact]
    public void A_full_batch_is_written_by_whoever_fills_it()
    {
        Say(new string('-', BatchedLog.BatchSize - 2));
        Assert.Equal("", _output.Text);

        Say("last");

        Assert.EndsWith("-\nlast\n", _output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_still_waits_is_written_in_the_end()
    {
        Say("last words");

        _factory.Dispose();

        Assert.Equal("last words\n", _output.Text);
    }

    [Fact]
    public void Nobody_who_reads_the_log_is_no_trouble_for_whoever_writes_it()
    {
        _output.IsBroken = true;
        Say("unheard");
        _time.Advance(BatchedLog.Wait);

        _output.IsBroken = false;
        Say("heard");
        _time.Advance(BatchedLog.Wait);

        Assert.Equal("heard\n", _output.Text);
    }

    public void Dispose() => _factory.Dispose();

    private void Say(string text) => _logger.Log(LogLevel.Information, 0, text, null, static (text, _) => text);

    private sealed class Output : MemoryStream
    {
        public bool IsBroken { get; set; }

        public int Writes { get; private set; }

        public string Text => Encoding.UTF8.GetString(ToArray());

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (IsBroken)
                throw new IOException("Broken pipe");
            Writes++;
            base.Write(buffer);
        }
    }
}
