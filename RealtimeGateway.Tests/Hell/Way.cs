using RealtimeGateway.Simulator.Breaking;
using RealtimeGateway.Tests.Calls;
using RealtimeGateway.Tests.Hostile;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Hell;

/// <summary>A way through the gateway, and the operation of the service that breaks under it.</summary>
internal sealed record Way(string Name, FaultOperation Operation, Func<Gateway, Task<string>> GoAsync, string Success)
{
    public static readonly Way[] All =
    [
        new("sessions", FaultOperation.Mint, gateway => PostAsync(gateway, "/sessions"), "200"),
        new("secretsOfCalls", FaultOperation.Mint, CallAsync, "201, ended 204"),
        new("calls", FaultOperation.Calls, CallAsync, "201, ended 204"),
        new("sockets", FaultOperation.Socket, gateway => ConverseAsync(gateway, "/realtime"), "101, 1000"),
        new("hangUps", FaultOperation.Hangup, CallAsync, "201, ended 204"),
    ];

    /// <summary>What the gateway may say when the service fails it (docs: the table of errors), and nothing else.</summary>
    private static readonly string[] Failures =
        ["502 upstream_unavailable", "502 upstream_invalid_response", "502 upstream_misconfigured", "504 upstream_timeout", "429 upstream_rate_limited", "400 upstream_rejected"];

    public bool IsAnswer(string outcome) => outcome == Success || Failures.Contains(outcome) || Failures.Contains(outcome.Replace("201, ended ", "", StringComparison.Ordinal));

    public static async Task<string> PostAsync(Gateway gateway, string path)
    {
        using var response = await gateway.MintAsync("{}", path);
        return await OutcomeOfAsync(response);
    }

    /// <summary>Begins a call and ends it.</summary>
    public static Task<string> CallAsync(Gateway gateway) => CallAsync(gateway, "/calls");

    public static async Task<string> CallAsync(Gateway gateway, string path)
    {
        using var response = await gateway.CallAsync(path: path);
        var outcome = await OutcomeOfAsync(response);
        if (outcome is not "201")
        {
            Assert.Equal(["false"], response.Headers.GetValues("x-should-retry"));
            return outcome;
        }

        Assert.StartsWith("v=0", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        using var ended = await gateway.HangUpAsync(response.Headers.Location!.OriginalString);
        return $"201, ended {await OutcomeOfAsync(ended)}";
    }

    /// <summary>Opens a socket and says goodbye.</summary>
    public static async Task<string> ConverseAsync(Gateway gateway, string path, bool saysBye = true)
    {
        var (answers, heard) = Answer.ReadAll(await Wire.SayAsync(gateway, [.. HostileFrames.Handshake(path), .. saysBye ? HostileFrames.Bye : []], Wire.Bound, IsOver));
        if (answers[0] is { Status: not 101 } refusal)
            return $"{refusal.Status} {refusal.CodeOfEnvelope()}";
        var (code, reason) = HeardFrames.EndOf(heard);
        return $"101, {code} {reason}".TrimEnd();
    }

    private static bool IsOver(ReadOnlyMemory<byte> heard) => heard.Length < 64 * 1024 && Answer.ReadAll(heard) is { Answers: [{ Status: var status }, ..] } all && (status != 101 || HeardFrames.EndOf(all.AfterUpgrade).Code > 0);

    private static async Task<string> OutcomeOfAsync(HttpResponseMessage response) => new Answer(
        (int)response.StatusCode,
        response.Headers.Concat(response.Content.Headers).ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase),
        await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)) is { Status: >= 400 } error
        ? $"{error.Status} {error.CodeOfEnvelope()}"
        : $"{(int)response.StatusCode}";
}
