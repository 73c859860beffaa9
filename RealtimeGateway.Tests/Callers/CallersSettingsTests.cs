using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Callers;

public sealed class CallersSettingsTests
{
    private const string Hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    private static readonly Dictionary<string, string?> Resource = new()
    {
        ["AZURE_OPENAI_ENDPOINT"] = "https://resource.openai.azure.com",
        ["AZURE_OPENAI_API_KEY"] = Gateway.Key,
    };

    [Theory]
    [InlineData("http://127.0.0.1:0")]
    [InlineData("http://0.0.0.0:0")]
    public void Production_refuses_to_start_while_nobody_says_who_may_call(string listener)
    {
        var refusal = Gateway.RefusalToStart(new Dictionary<string, string?>(Resource) { ["urls"] = listener }, environment: "Production");

        Assert.Equal(
            """
            Configuration refused, the gateway does not start. The configuration has 1 fault(s):
              - Callers: says nobody who may call: add Callers:Keys or Callers:Jwt, or let everybody in on purpose (Callers__AllowAnonymous=true)
            """.ReplaceLineEndings(),
            refusal);
    }

    [Theory]
    [InlineData("Callers:AllowAnonymous", "true")]
    [InlineData("Callers:Keys:web:Hash", Hash)]
    public async Task Production_starts_once_somebody_does(string name, string value)
    {
        await using var gateway = Gateway.Start(new Dictionary<string, string?>(Resource) { [name] = value }, environment: "Production");

        using var response = await gateway.Http.GetAsync("/profiles", TestContext.Current.CancellationToken);

        Assert.Equal(name.EndsWith("Anonymous", StringComparison.Ordinal) ? 200 : 401, (int)response.StatusCode);
    }

    [Fact]
    public void Development_lets_everybody_in_on_loopback_only()
    {
        var refusal = Gateway.RefusalToStart(new Dictionary<string, string?> { ["urls"] = "http://0.0.0.0:0", ["Simulator:Url"] = "http://127.0.0.1:0" });

        Assert.Contains("Callers:AllowAnonymous = \"false\": the gateway would mint for anybody who can reach http://0.0.0.0:0", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Taking_the_last_key_away_does_not_open_the_gateway()
    {
        await using var gateway = Gateway.Start(Resource, settings => settings.Set("Callers:Keys:web:Hash", $"\"{Hash}\""), environment: "Production");
        gateway.Announce("Configuration refused");

        var verdict = await gateway.ReloadAsync(settings => settings.Set("Callers", "{}"));
        using var response = await gateway.Http.GetAsync("/profiles", TestContext.Current.CancellationToken);

        Assert.Contains("the last good one stays in force", verdict, StringComparison.Ordinal);
        Assert.Equal(401, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("Callers", """{ "Kees": {} }""", "Callers:Kees: is not a known key")]
    [InlineData("Callers:AllowAnonymous", "\"maybe\"", "Callers:AllowAnonymous = \"maybe\": must be true or false")]
    [InlineData("Callers:LogKey", "\"short\"", "Callers:LogKey: must be a secret of at least 16 characters")]
    [InlineData("Callers:Keys:web", "{}", "Callers:Keys:web:Hash: must be the SHA-256 of a key")]
    [InlineData("Callers:Keys:web:Hash", "\"rgk_the-key-itself\"", "Callers:Keys:web:Hash: must be the SHA-256 of a key as 64 hexadecimal digits; the command new-key makes both")]
    [InlineData("Callers:Keys:web", $$"""{ "Hash": "{{Hash}}", "Expires": "soon" }""", "Callers:Keys:web:Expires = \"soon\": must be a moment such as 2030-12-31T00:00:00Z")]
    [InlineData("Callers:Keys:web", $$"""{ "Hash": "{{Hash}}", "Profiles": [ "nobody" ] }""", "Callers:Keys:web:Profiles = \"nobody\": names no profile")]
    [InlineData("Callers:Keys", $$"""{ "one": { "Hash": "{{Hash}}" }, "two": { "Hash": "sha256:{{Hash}}" } }""", "Callers:Keys: one and two have the same hash")]
    [InlineData("Callers:Jwt:entra", """{ "Audiences": [ "a" ] }""", "Callers:Jwt:entra:Authority: is required")]
    [InlineData("Callers:Jwt:entra", """{ "Authority": "https://issuer.example" }""", "Callers:Jwt:entra:Audiences: needs at least 1 entries")]
    [InlineData("Callers:Jwt:entra", """{ "Authority": "http://issuer.example", "Audiences": [ "a" ] }""", "Authority = \"http://issuer.example\": must be an absolute https address")]
    [InlineData("Callers:Jwt:entra", """{ "Authority": "https://i.example", "Audiences": [ "a" ], "Algorithms": [ "HS256" ] }""", "Algorithms = \"HS256\": must be one of RS256")]
    [InlineData("Callers:Jwt:entra", """{ "Authority": "https://i.example", "Audiences": [ "a" ], "Algorithms": [ "none" ] }""", "Algorithms = \"none\": must be one of RS256")]
    [InlineData("Callers:Jwt:entra", """{ "Authority": "https://i.example", "Audiences": [ "a" ], "ClockSkew": "00:06:00" }""", "ClockSkew = \"00:06:00\": must be between 00:00:00 and 00:05:00")]
    [InlineData("Callers:Jwt:entra", """{ "Authority": "https://i.example", "Audiences": [ "a" ], "SubjectClaim": "" }""", "Callers:Jwt:entra:SubjectClaim = \"\": must name a claim")]
    [InlineData("Realtime:Profiles:assistant:AllowedFor", """[ "everybody" ]""", "Realtime:Profiles:assistant:AllowedFor = \"everybody\": must be anonymous, scope:NAME, role:NAME or key:NAME")]
    [InlineData("Realtime:Profiles:assistant:AllowedFor", """[ "key:nobody" ]""", "AllowedFor = \"key:nobody\": names no entry of section Callers:Keys")]
    [InlineData("ReverseProxy:Routes:sessions:Metadata:AllowedFor", "\"scope:\"", "ReverseProxy:Routes:sessions:Metadata:AllowedFor = \"scope:\": must be anonymous")]
    [InlineData("ReverseProxy:Routes:sessions:CorsPolicy", "\"nobody\"", "ReverseProxy:Routes:sessions:CorsPolicy = \"nobody\": names no entry of section Cors")]
    [InlineData("Cors:app", """{ "Origin": "https://app.example" }""", "Cors:app:Origin: is not a known key")]
    [InlineData("Cors:app:Origins", """[ "https://app.example/" ]""", "Cors:app:Origins = \"https://app.example/\": must be one origin as a browser writes it")]
    [InlineData("Cors:app:Origins", """[ "app.example" ]""", "Cors:app:Origins = \"app.example\": must be one origin")]
    [InlineData("Cors:app:Origins", """[ "https://App.example" ]""", "Cors:app:Origins = \"https://App.example\": must be one origin")]
    [InlineData("Cors:app:Origins", """[ "https://app.example:443" ]""", "Cors:app:Origins = \"https://app.example:443\": must be one origin")]
    [InlineData("Cors:app:Origins", """[ "https://*.example" ]""", "Cors:app:Origins = \"https://*.example\": must be one origin")]
    [InlineData("Cors:app", """{ "Origins": [ "*" ], "AllowCredentials": true }""", "Cors:app:Origins = \"*\": may not stand together with AllowCredentials")]
    [InlineData("Cors:app", """{ "Origins": [ "null" ], "AllowCredentials": true }""", "Cors:app:Origins = \"null\": may not stand together with AllowCredentials")]
    [InlineData("Cors:app:Origins", """[ "https://app.example", "*" ]""", "Cors:app:Origins = \"https://app.example\": may not stand beside *, which is every origin but null")]
    [InlineData("Cors:app:MaxAge", "\"2.00:00:00\"", "Cors:app:MaxAge = \"2.00:00:00\": must be between 00:00:00 and 1.00:00:00")]
    public void A_mistake_is_named_and_no_secret_repeated(string path, string json, string expected)
    {
        var refusal = Gateway.RefusalToStart(Resource, settings => settings.Set(path, json));

        Assert.Contains(expected, refusal, StringComparison.Ordinal);
        Assert.All(["rgk_", "short", Hash], secret => Assert.DoesNotContain(secret, refusal, StringComparison.Ordinal));
    }
}
