using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Breaking;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Doctor;

/// <summary>What is broken on purpose is found by the check that it breaks, with its cause and the setting to change.</summary>
public sealed class FaultTests
{
    private const string Cluster = "ReverseProxy:Clusters:azureopenai";
    private const string Destination = $"{Cluster}:Destinations:default";
    private const string Proxy = $"{Cluster}:HttpClient:WebProxy:Address";

    [Theory]
    [InlineData("AZURE_OPENAI_API_KEY", "wrong-key", "401", "The key is wrong", "AZURE_OPENAI_API_KEY (Credentials:default:ApiKey:Primary)")]
    [InlineData("AZURE_OPENAI_DEPLOYMENT", "gpt-realtme", "DeploymentNotFound", "no deployment of this name", $"AZURE_OPENAI_DEPLOYMENT ({Destination}:Metadata:Deployment)")]
    [InlineData("AZURE_OPENAI_DEPLOYMENT", "", "DeploymentNotFound", "no deployment of this name", $"AZURE_OPENAI_DEPLOYMENT ({Destination}:Metadata:Deployment)")]
    public async Task A_wrong_variable_is_named(string name, string value, string trouble, string cause, string setting)
    {
        await using var visit = await Visit.BeginAsync();
        if (value.Length == 0)
            visit.Folder.Change(settings => settings.Set("Realtime:Profiles:assistant:Models", """[ "gpt-unheard-of" ]"""));

        var destination = await visit.ExamineAsync((name, value));

        AssertFailed(destination.Check("mint"), trouble, cause, setting);
        AssertFailed(destination.Check("socket"), null, cause, setting); // for the same reason, which a handshake does not tell
        Assert.Equal(["ok", "skipped", "skipped", "skipped"], new[] { "connection", "call", "sideband", "hang_up" }.Select(destination.Verdict));
        await visit.AssertNoCallIsLeftAsync(begun: 0);
    }

    [Theory]
    [InlineData(FaultOperation.Mint, 403, "keysDisabled", "mint", "AuthenticationTypeDisabled", "takes no keys", "Credentials:default:Entra, in place of Credentials:default:ApiKey")]
    [InlineData(FaultOperation.Mint, 403, "network", "mint", "403", "network rule", $"Networking of the resource in Azure, or its private endpoint as AZURE_OPENAI_ENDPOINT ({Destination}:Address)")]
    [InlineData(FaultOperation.Mint, 401, "role", "mint", "PermissionDenied", "The key is wrong", "AZURE_OPENAI_API_KEY (Credentials:default:ApiKey:Primary)")]
    [InlineData(FaultOperation.Mint, 404, "path", "mint", "404", "Nothing mints at this path", $"AZURE_OPENAI_ENDPOINT ({Destination}:Address); AZURE_OPENAI_API_VERSION ({Destination}:Metadata:Protocol)")]
    [InlineData(FaultOperation.Mint, 429, "quota", "mint", "429", "quota of the deployment", $"the deployment's quota in Azure; {Destination}:Metadata:Priority, with a destination in another region beside this one")]
    [InlineData(FaultOperation.Mint, 400, "contentFilter", "mint", "content_filter", "content filter", "Realtime:Profiles:assistant:Instructions")]
    [InlineData(FaultOperation.Mint, 400, "invalid", "mint", "invalid_value", "does not take the session", $"AZURE_OPENAI_DEPLOYMENT ({Destination}:Metadata:Deployment)")]
    [InlineData(FaultOperation.Mint, 302, "moved", "mint", "302", "leads elsewhere", $"AZURE_OPENAI_ENDPOINT ({Destination}:Address)")]
    [InlineData(FaultOperation.Mint, 503, "unavailable", "mint", "ServiceUnavailable", "in trouble", $"{Destination}:Metadata:Priority, with a destination in another region beside this one")]
    [InlineData(FaultOperation.Socket, 403, "network", "socket", "403", "does not pass WebSockets", Proxy)]
    [InlineData(FaultOperation.Socket, 502, "html", "socket", "502", "does not pass WebSockets", Proxy)]
    [InlineData(FaultOperation.Socket, 408, "timeout", "socket", "408", "does not pass WebSockets", Proxy)]
    [InlineData(FaultOperation.Sideband, 403, "network", "sideband", "403", "does not pass WebSockets", Proxy)]
    [InlineData(FaultOperation.Sideband, 404, "empty", "sideband", "404", "several resources behind one address", $"AZURE_OPENAI_ENDPOINT ({Destination}:Address)")]
    [InlineData(FaultOperation.Calls, 401, "token", "call", "401", "does not take the secret", $"AZURE_OPENAI_ENDPOINT ({Destination}:Address)")]
    [InlineData(FaultOperation.Calls, 404, "path", "call", "404", "takes no calls", $"AZURE_OPENAI_ENDPOINT ({Destination}:Address)")]
    public async Task A_refusal_is_explained_and_every_call_is_hung_up(
        FaultOperation operation, int status, string variant, string check, string trouble, string cause, string setting)
    {
        await using var visit = await Visit.BeginAsync();
        visit.Break(operation, FaultEffect.Status, status, variant);

        var destination = await visit.ExamineAsync();

        var failed = destination.Check(check);
        AssertFailed(failed, trouble, cause, setting);
        Assert.Equal(status, (int)failed["status"]!);
        Assert.NotEqual("", (string?)failed["azure_request_id"]);
        Assert.Equal([check], destination["checks"]!.AsArray().Where(one => (string?)one!["verdict"] == "failed").Select(one => (string?)one!["check"]));
        await visit.AssertNoCallIsLeftAsync(begun: operation is FaultOperation.Mint or FaultOperation.Calls ? 0 : 2);
    }

    [Fact]
    public async Task A_host_where_nobody_listens_is_told_from_one_that_is_not_trusted()
    {
        await using var visit = await Visit.BeginAsync();
        await using var tls = await TlsUpstream.StartAsync();

        var refused = await visit.ExamineAsync(("AZURE_OPENAI_ENDPOINT", FreeAddress.Next()));
        var untrusted = await visit.ExamineAsync(("AZURE_OPENAI_ENDPOINT", tls.Url));

        AssertFailed(refused.Check("connection"), "refused", "Nobody takes a connection", $"AZURE_OPENAI_ENDPOINT ({Destination}:Address); {Proxy}");
        AssertFailed(untrusted.Check("connection"), "tls", "The certificate is not trusted", $"{Cluster}:Metadata:CertificateAuthority; AZURE_OPENAI_ENDPOINT ({Destination}:Address)");
        Assert.All(new[] { refused, untrusted }, one => Assert.All(one["checks"]!.AsArray().Skip(1), check => Assert.Equal("skipped", (string?)check!["verdict"])));
        Assert.Empty(visit.Azure.Received.All);
    }

    [Fact]
    public async Task A_resource_that_takes_longer_than_the_route_allows_is_slow()
    {
        await using var visit = await Visit.BeginAsync();
        foreach (var route in new[] { "sessions", "calls", "sdkcalls" })
            visit.Folder.Change(settings => settings.Set($"ReverseProxy:Routes:{route}:Metadata:Timeout", "\"00:00:01\""));
        visit.Break(FaultOperation.Mint, FaultEffect.Hang);

        var destination = await visit.ExamineAsync();

        AssertFailed(destination.Check("mint"), "timeout", "no answer in the time that the gateway gives", "ReverseProxy:Routes:calls:Metadata:Timeout");
        Assert.InRange((long)destination.Check("mint")["milliseconds"]!, 900, long.MaxValue);
    }

    [Fact]
    public async Task An_answer_that_names_no_call_is_a_call_that_nobody_can_hang_up()
    {
        await using var visit = await Visit.BeginAsync();
        visit.Break(FaultOperation.Calls, FaultEffect.MissingId, times: 1);

        var destination = await visit.ExamineAsync();

        AssertFailed(destination.Check("call"), "no_location", "does not name the call", $"AZURE_OPENAI_ENDPOINT ({Destination}:Address)");
        Assert.Equal(["skipped", "skipped"], new[] { "sideband" }.Select(destination.Verdict).Append(destination.Verdict("hang_up")));
        var left = destination["checks"]!.AsArray()[^1]!;
        Assert.Equal(("hang_up", "calls_left"), ((string?)left["check"], (string?)left["trouble"]));
        Assert.StartsWith("1 call(s) could not be hung up", (string?)left["cause"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hang_up_that_fails_is_tried_again_in_the_end()
    {
        await using var visit = await Visit.BeginAsync();
        visit.Break(FaultOperation.Hangup, FaultEffect.Status, 500, times: 2);

        var destination = await visit.ExamineAsync();

        AssertFailed(destination.Check("hang_up"), "500", "in trouble", $"{Destination}:Metadata:Priority, with a destination in another region beside this one");
        Assert.Equal("hang_up", (string?)destination["checks"]!.AsArray()[^1]!["check"]);
        Assert.Single(destination["checks"]!.AsArray(), check => (string?)check!["check"] == "hang_up");
        await visit.AssertNoCallIsLeftAsync(begun: 2);
    }

    [Fact]
    public async Task A_hang_up_that_never_works_leaves_calls_and_says_so()
    {
        await using var visit = await Visit.BeginAsync();
        visit.Break(FaultOperation.Hangup, FaultEffect.Status, 500);

        var destination = await visit.ExamineAsync();

        var left = destination["checks"]!.AsArray()[^1]!;
        Assert.Equal("calls_left", (string?)left["trouble"]);
        Assert.StartsWith("2 call(s) could not be hung up", (string?)left["cause"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_that_the_resource_does_not_know_may_go_on()
    {
        await using var visit = await Visit.BeginAsync();
        visit.Break(FaultOperation.Hangup, FaultEffect.Status, 404, "call");

        var destination = await visit.ExamineAsync();

        AssertFailed(destination.Check("hang_up"), "gone", "The call may go on", $"AZURE_OPENAI_ENDPOINT ({Destination}:Address)");
    }

    [Fact]
    public async Task A_primary_key_that_is_refused_is_named_while_the_other_goes_on()
    {
        await using var visit = await Visit.BeginAsync();

        var destination = await visit.ExamineAsync(
            ("AZURE_OPENAI_API_KEY", ""), ("Credentials__default__ApiKey__Primary", "wrong-key"), ("Credentials__default__ApiKey__Secondary", "simulator-key"));

        AssertFailed(destination.Check("mint"), "spare_key", "The primary key is refused", "AZURE_OPENAI_API_KEY (Credentials:default:ApiKey:Primary)");
        Assert.All(new[] { "socket", "call", "sideband", "hang_up" }, check => Assert.Equal("ok", destination.Verdict(check)));
    }

    private static void AssertFailed(JsonNode check, string? trouble, string cause, string setting)
    {
        Assert.Equal("failed", (string?)check["verdict"]);
        if (trouble is not null)
            Assert.Equal(trouble, (string?)check["trouble"]);
        Assert.Contains(cause, (string?)check["cause"], StringComparison.Ordinal);
        Assert.Equal(setting, (string?)check["setting"]);
    }
}
