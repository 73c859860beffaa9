using System.Buffers;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using RealtimeGateway.Telemetry;
using ZLogger;

namespace RealtimeGateway.Tests.Telemetry;

/// <summary>The log as Production has it.</summary>
public sealed class JsonLinesTests : IDisposable
{
    private readonly Lines _lines = new();
    private readonly ILoggerFactory _factory;

    public JsonLinesTests() => _factory = LoggerFactory.Create(logging => logging.AddZLoggerLogProcessor(_lines));

    [Fact]
    public void The_line_of_a_request_says_everything_once()
    {
        RequestLine.Write(_factory.CreateLogger<RequestLog>(), "POST", "sessions", 200, "ok", "assistant", "default", 1, 2.38m, 1.66m, 0.72m, "anonymous", "req_1", "apim_1");

        Assert.Equal(
            """
            {"Timestamp":"now","LogLevel":"Information","Category":"RealtimeGateway.Telemetry.RequestLog","method":"POST","route":"sessions","status":200,"outcome":"ok","profile":"assistant","destination":"default","attempts":1,"milliseconds":2.38,"upstreamMilliseconds":1.66,"ownMilliseconds":0.72,"caller":"anonymous","requestId":"req_1","upstreamRequestId":"apim_1"}
            """, _lines.Last);
    }

    [Fact]
    public void Every_other_line_has_its_message()
    {
        _factory.CreateLogger("RealtimeGateway.Other").Log(LogLevel.Warning, 0, "trouble", null, static (text, _) => text);

        Assert.Equal("""{"Timestamp":"now","LogLevel":"Warning","Category":"RealtimeGateway.Other","Message":"trouble"}""", _lines.Last);
    }

    public void Dispose() => _factory.Dispose();

    private sealed class Lines : IAsyncLogProcessor
    {
        private readonly JsonLines _formatter = new();

        public string Last { get; private set; } = "";

        public void Post(IZLoggerEntry log)
        {
            var line = new ArrayBufferWriter<byte>();
            _formatter.FormatLogEntry(line, log);
            log.Return();
            var json = JsonNode.Parse(line.WrittenSpan)!;
            Assert.True(json["Timestamp"]!.AsValue().TryGetValue<DateTimeOffset>(out _));
            json["Timestamp"] = "now";
            Last = json.ToJsonString();
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
