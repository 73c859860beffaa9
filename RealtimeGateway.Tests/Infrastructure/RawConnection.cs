using System.Net.Sockets;
using System.Text;

namespace RealtimeGateway.Tests.Infrastructure;

/// <summary>A caller that writes its bytes by itself, as no client library would.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly TcpClient _client;
    private readonly NetworkStream _stream;

    private RawConnection(TcpClient client) => (_client, _stream) = (client, client.GetStream());

    public static async Task<RawConnection> OpenAsync(Gateway gateway)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(gateway.Http.BaseAddress!.Host, gateway.Http.BaseAddress.Port, TestContext.Current.CancellationToken);
        return new(client);
    }

    public Task SendAsync(string text) => SendAsync(Encoding.ASCII.GetBytes(text));

    public async Task SendAsync(byte[] bytes) => await _stream.WriteAsync(bytes, TestContext.Current.CancellationToken);

    /// <summary>Sends, and says whether the other side still took it.</summary>
    public async Task<bool> TrySendAsync(string text)
    {
        try
        {
            await SendAsync(text);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Reads what comes up to a text and, of what comes with it, more.</summary>
    public async Task ReadPastAsync(string text)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        var (read, buffer) = (new StringBuilder(), new byte[4096]);
        while (!read.ToString().Contains(text, StringComparison.Ordinal))
        {
            var count = await _stream.ReadAsync(buffer, patience.Token);
            Assert.True(count > 0, $"{text} did not come: {read}");
            read.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }
    }

    /// <summary>Everything until the server ends the connection.</summary>
    public async Task<string> ReadToEndAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await _stream.ReadAsync(buffer, patience.Token) is > 0 and var count)
                text.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }
        catch (IOException)
        {
            // It was reset, which is an end as well.
        }

        return text.ToString();
    }

    public void Dispose() => _client.Dispose();
}
