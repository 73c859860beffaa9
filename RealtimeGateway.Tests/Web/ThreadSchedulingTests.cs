using System.Globalization;
using System.Net;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Web;

/// <summary>How Linux shares the core among the threads of a gateway.</summary>
public sealed class ThreadSchedulingTests
{
    private const string Batch = "3"; // SCHED_BATCH, sched(7)

    [Fact]
    public async Task No_thread_that_serves_requests_is_interrupted_by_another_that_wakes_up()
    {
        using var azure = new Azure();
        azure.Mints();
        await using var gateway = await GatewayProcess.StartAsync(new Dictionary<string, string>
        {
            ["AZURE_OPENAI_ENDPOINT"] = azure.Url,
            ["AZURE_OPENAI_API_KEY"] = Gateway.Key,
            ["AZURE_OPENAI_DEPLOYMENT"] = "gpt-realtime",
            ["Callers__AllowAnonymous"] = "true",
        });
        using var mint = await gateway.Http.PostAsync("/sessions", Gateway.Json("{}"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, mint.StatusCode);

        var policies = PoliciesOf(gateway.Id);

        Assert.Contains(".NET Sockets", policies.Keys);
        Assert.Contains(".NET TP Worker", policies.Keys);
        Assert.All([".NET Sockets", ".NET TP Worker"], thread => Assert.Equal([Batch], policies[thread]));
    }

    // The name and the 41st field of proc_pid_stat(5), of each thread.
    private static Dictionary<string, string[]> PoliciesOf(int process) => Directory
        .GetDirectories(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/task"))
        .Select(StatusOf)
        .OfType<string>()
        .Select(line => (Name: line[(line.IndexOf('(', StringComparison.Ordinal) + 1)..line.LastIndexOf(')')], Policy: line[(line.LastIndexOf(')') + 2)..].Split(' ')[38]))
        .GroupBy(thread => thread.Name, StringComparer.Ordinal)
        .ToDictionary(threads => threads.Key, threads => threads.Select(thread => thread.Policy).Distinct(StringComparer.Ordinal).ToArray(), StringComparer.Ordinal);

    private static string? StatusOf(string thread)
    {
        try
        {
            return File.ReadAllText(Path.Combine(thread, "stat"));
        }
        catch (IOException)
        {
            return null; // it has ended meanwhile
        }
    }
}
