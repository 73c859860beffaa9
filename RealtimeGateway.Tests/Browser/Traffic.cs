using System.Collections.Concurrent;
using System.Text;
using Microsoft.Playwright;

namespace RealtimeGateway.Tests.Browser;

/// <summary>Everything that a tab, frames included, sends and gets: requests and responses with headers and bodies, and the messages of WebSockets.</summary>
public sealed class Traffic
{
    private readonly ConcurrentQueue<IRequest> _unread = new();
    private readonly ConcurrentQueue<string> _messages = new();
    private readonly List<string> _exchanges = [];

    public Traffic(IPage page)
    {
        ArgumentNullException.ThrowIfNull(page);
        page.RequestFinished += (_, request) => _unread.Enqueue(request);
        page.WebSocket += (_, socket) =>
        {
            _messages.Enqueue(socket.Url);
            socket.FrameSent += (_, frame) => _messages.Enqueue(TextOf(frame));
            socket.FrameReceived += (_, frame) => _messages.Enqueue(TextOf(frame));
        };
    }

    /// <summary>All of it as text, up to now.</summary>
    public async Task<string> ReadAsync()
    {
        while (_unread.TryDequeue(out var request))
            _exchanges.Add(await DescribeAsync(request));
        return string.Join("\n\n", _exchanges.Concat(_messages));
    }

    private static async Task<string> DescribeAsync(IRequest request)
    {
        var response = await request.ResponseAsync() ?? throw new InvalidOperationException($"No response to {request.Url}.");
        var body = response.Status is 204 ? "" : Encoding.UTF8.GetString(await response.BodyAsync());
        return string.Join('\n',
            [$"{request.Method} {request.Url}", .. Lines(await request.AllHeadersAsync()), request.PostData, $"{response.Status}", .. Lines(await response.AllHeadersAsync()), body]);
    }

    private static IEnumerable<string> Lines(Dictionary<string, string> headers) => headers.Select(header => $"{header.Key}: {header.Value}");

    private static string TextOf(IWebSocketFrame frame) => frame.Text ?? Encoding.Latin1.GetString(frame.Binary ?? []);
}
