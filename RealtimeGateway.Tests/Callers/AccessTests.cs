using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Callers;

/// <summary>Who may do what, with three profiles, four keys, and tokens of one issuer.</summary>
public sealed class AccessTests : IAsyncLifetime
{
    private readonly Azure _azure = new();
    private readonly Dictionary<string, CallersKey> _keys = new[] { "plain", "named", "vip", "bound" }.ToDictionary(name => name, CallersKey.New);
    private Issuer _issuer = null!;
    private Gateway _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _issuer = await Issuer.StartAsync();
        _azure.Mints();
        _azure.Answers("/openai/v1/chat/completions", 200, "{}");
        var settings = _issuer.Settings();
        foreach (var (name, key) in _keys)
            settings[$"Callers:Keys:{name}:Hash"] = key.Hash;
        settings["Callers:Keys:vip:Profiles:0"] = "gold";
        settings["Callers:Keys:bound:Profiles:0"] = "assistant";
        _gateway = Gateway.StartWith(_azure.Url, settings, Shape);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _issuer.DisposeAsync();
        _azure.Dispose();
    }

    /// <summary>Caller, and which of the profiles assistant (for all), gold (role or scope) and named (one key) it may use.</summary>
    [Theory]
    [InlineData("plain", true, false, false)]
    [InlineData("named", true, false, true)]
    [InlineData("vip", false, true, false)] // its own list counts, and nothing else
    [InlineData("bound", true, false, false)]
    [InlineData("token", true, false, false)]
    [InlineData("token roles=Gold", true, true, false)]
    [InlineData("token roles=gold", true, false, false)]
    [InlineData("token scp=gold", true, false, false)] // a scope, which users may consent to, is no role
    [InlineData("token scp=read voice.gold", true, true, false)]
    [InlineData("token scope=voice.gold", true, true, false)]
    [InlineData("token roles=key:named", true, false, false)]
    public async Task A_profile_is_for_whom_it_says(string caller, bool assistant, bool gold, bool named)
    {
        foreach (var (profile, may) in new[] { ("assistant", assistant), ("gold", gold), ("named", named) })
        {
            using var response = await SendAsync(HttpMethod.Post, $"/sessions?profile={profile}", CredentialOf(caller));

            if (may)
                Assert.Equal(200, (int)response.StatusCode);
            else
                await response.ShouldFailAsync(403, "forbidden", "profile");
        }

        string[] expected = [.. new[] { ("assistant", assistant), ("gold", gold), ("named", named) }.Where(pair => pair.Item2).Select(pair => pair.Item1)];
        Assert.Equal(expected, await ListedForAsync(caller));
    }

    [Fact]
    public async Task A_profile_that_is_not_for_the_caller_looks_like_one_that_is_not_there()
    {
        using var forbidden = await SendAsync(HttpMethod.Post, "/sessions?profile=gold", CredentialOf("plain"));
        using var missing = await SendAsync(HttpMethod.Post, "/sessions?profile=none", CredentialOf("plain"));

        Assert.Equal(Comparable(await missing.VisibleAsync(), missing), Comparable(await forbidden.VisibleAsync(), forbidden));
        Assert.Equal(0, _azure.Requests);
    }

    [Fact]
    public async Task The_description_tells_nobody_of_a_profile_that_is_not_for_everybody()
    {
        using var response = await SendAsync(HttpMethod.Get, "/openapi/v1.json", credential: null);

        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("assistant", text, StringComparison.Ordinal);
        Assert.DoesNotContain("gold", text, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("/sessions", null, 401)]
    [InlineData("/openai/v1/chat/completions", null, 401)]
    [InlineData("/openai/v1/chat/completions", "plain", 403)]
    [InlineData("/openai/v1/chat/completions", "named", 200)]
    [InlineData("/openai/v1/chat/completions", "token", 403)]
    [InlineData("/openai/v1/chat/completions", "token roles=Chat", 200)]
    [InlineData("/openai/v1/chat/completions", "bound", 403)]
    [InlineData("/openai/v1/chat/completions", "vip", 200)]
    [InlineData("/rest/v1/chat/completions", null, 401)]
    [InlineData("/rest/v1/chat/completions", "plain", 200)]
    [InlineData("/rest/v1/chat/completions", "token", 200)]
    [InlineData("/rest/v1/chat/completions", "bound", 403)] // certain profiles only, and here is none
    [InlineData("/open/v1/chat/completions", "bound", 200)]
    [InlineData("/open/v1/chat/completions", null, 200)]
    [InlineData("/open/v1/chat/completions", "plain", 200)]
    [InlineData("/open/v1/chat/completions", "wrong", 401)] // whoever presents a credential means it
    public async Task A_route_is_for_whom_it_says(string path, string? caller, int status)
    {
        using var response = await SendAsync(HttpMethod.Post, path, caller is null ? null : CredentialOf(caller));

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(status == 200 ? 1 : 0, _azure.Requests);
    }

    [Theory]
    [InlineData("GET", "/", 200)]
    [InlineData("GET", "/main.js", 200)]
    [InlineData("GET", "/health", 200)]
    [InlineData("GET", "/health/live", 200)]
    [InlineData("GET", "/health/ready", 200)]
    [InlineData("GET", "/metrics", 200)]
    [InlineData("GET", "/docs/", 200)]
    [InlineData("GET", "/openapi/v1.json", 200)]
    [InlineData("GET", "/profiles", 401)]
    [InlineData("GET", "/sessions", 401)]
    [InlineData("OPTIONS", "/sessions", 401)]
    [InlineData("GET", "/nowhere", 404)]
    public async Task Without_a_credential_only_this_is_reachable(string method, string path, int status)
    {
        using var response = await SendAsync(new HttpMethod(method), path, credential: null);

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task With_AllowAnonymous_a_credential_is_optional_and_a_wrong_one_still_refused()
    {
        await using var gateway = Gateway.StartWith(
            _azure.Url, new Dictionary<string, string?> { ["Callers:AllowAnonymous"] = "true", ["Callers:Keys:named:Hash"] = _keys["named"].Hash }, settings => AddProfile(settings, "named", """[ "key:named" ]"""));

        using var nobody = await SendAsync(HttpMethod.Post, "/sessions", credential: null, gateway);
        using var somebody = await SendAsync(HttpMethod.Post, "/sessions?profile=named", CredentialOf("named"), gateway);
        using var nobodyElse = await SendAsync(HttpMethod.Post, "/sessions?profile=named", credential: null, gateway);
        using var wrong = await SendAsync(HttpMethod.Post, "/sessions", "rgk_wrong", gateway);

        Assert.Equal([200, 200, 403, 401], [(int)nobody.StatusCode, (int)somebody.StatusCode, (int)nobodyElse.StatusCode, (int)wrong.StatusCode]);
    }

    [Fact]
    public async Task What_a_caller_may_do_changes_without_a_restart()
    {
        Assert.Equal(["assistant", "named"], await ListedForAsync("named"));
        await _gateway.ReloadAsync(settings => settings.Set("Realtime:Profiles:named:AllowedFor", """[ "role:Nobody" ]"""));

        Assert.Equal(["assistant"], await ListedForAsync("named"));
    }

    private static void Shape(JsonNode settings)
    {
        AddProfile(settings, "gold", """[ "role:Gold", "scope:voice.gold" ]""");
        AddProfile(settings, "named", """[ "key:NAMED" ]"""); // names of keys have no case, as in all configuration
        settings.AddChatRoute();
        settings.Set("ReverseProxy:Routes:chat:Metadata", """{ "AllowedFor": "role:Chat; key:named; key:vip" }""");
        settings.Set("ReverseProxy:Routes:rest", """
            {
              "ClusterId": "azureopenai",
              "Match": { "Path": "/rest/{**rest}", "Methods": [ "POST" ] },
              "Transforms": [ { "PathPattern": "/openai/{**rest}" } ]
            }
            """);
        settings.Set("ReverseProxy:Routes:open", """
            {
              "ClusterId": "azureopenai",
              "Match": { "Path": "/open/{**rest}", "Methods": [ "POST" ] },
              "Metadata": { "AllowedFor": "anonymous" },
              "Transforms": [ { "PathPattern": "/openai/{**rest}" } ]
            }
            """);
    }

    private static void AddProfile(JsonNode settings, string name, string allowedFor)
    {
        var profile = settings["Realtime"]!["Profiles"]!["assistant"]!.DeepClone();
        profile["AllowedFor"] = JsonNode.Parse(allowedFor);
        settings["Realtime"]!["Profiles"]![name] = profile;
    }

    private string CredentialOf(string caller)
    {
        if (_keys.TryGetValue(caller, out var key))
            return key.Key;
        if (!caller.StartsWith("token", StringComparison.Ordinal))
            return caller;
        var claim = caller["token".Length..].Trim().Split('=', 2);
        return claim is [var name, var value]
            ? _issuer.Token(DateTimeOffset.UtcNow, claims: (name, name == "roles" ? new[] { "Other", value } : value))
            : _issuer.Token(DateTimeOffset.UtcNow);
    }

    private async Task<string[]> ListedForAsync(string caller)
    {
        using var response = await SendAsync(HttpMethod.Get, "/profiles", CredentialOf(caller));
        var json = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        return [.. json["profiles"]!.AsArray().Select(profile => (string)profile!["name"]!)];
    }

    private Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? credential, Gateway? gateway = null)
    {
        var request = new HttpRequestMessage(method, path);
        if (method == HttpMethod.Post)
            request.Content = Gateway.Json("{}");
        if (credential is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", credential);
        return (gateway ?? _gateway).Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static string Comparable(string visible, HttpResponseMessage response)
    {
        var text = visible.Replace(response.RequestId(), "ID", StringComparison.Ordinal);
        return string.Join('\n', text.Split('\n').Where(line => !line.StartsWith("Date:", StringComparison.Ordinal)));
    }
}
