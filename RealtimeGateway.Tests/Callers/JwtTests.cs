using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.Tokens;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Callers;

public sealed class JwtTests : IAsyncLifetime
{
    private static readonly TimeSpan AfterCooldown = RealtimeGateway.Callers.OidcMetadata.Cooldown + TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new(DateTimeOffset.Parse("2026-06-01T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
    private readonly Azure _azure = new();
    private Issuer _issuer = null!;
    private Gateway _gateway = null!;

    private DateTimeOffset Now => _time.GetUtcNow();

    public async ValueTask InitializeAsync()
    {
        _issuer = await Issuer.StartAsync();
        _gateway = Start(_issuer.Settings());
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _issuer.DisposeAsync();
        _azure.Dispose();
    }

    [Fact]
    public async Task A_token_of_the_issuer_lets_its_bearer_in() => Assert.Equal(200, await StatusAsync(_issuer.Token(Now)));

    public static TheoryData<string> BadTokens => [.. Bad.Keys];

    private static readonly Dictionary<string, Func<Issuer, DateTimeOffset, string>> Bad = new(StringComparer.Ordinal)
    {
        ["for another audience"] = (issuer, now) => issuer.Token(now, change: token => token.Audience = "api://other"),
        ["for no audience"] = (issuer, now) => issuer.Token(now, change: token => token.Audience = null),
        ["of another issuer"] = (issuer, now) => issuer.Token(now, change: token => token.Issuer = "https://issuer.example"),
        ["expired"] = (issuer, now) => issuer.Token(now.AddMinutes(-6)),
        ["without an end"] = (issuer, now) => issuer.Token(now, change: token => token.Expires = null),
        ["not yet good"] = (issuer, now) => issuer.Token(now.AddMinutes(1)),
        ["signed with an unknown key"] = (issuer, now) => issuer.Token(now, change: token => token.SigningCredentials = new(Issuer.ForeignKey(), SecurityAlgorithms.RsaSha256)),
        ["signed with another key of the same name"] = (issuer, now) => issuer.Token(
            now, change: token => token.SigningCredentials = new(new RsaSecurityKey(System.Security.Cryptography.RSA.Create(2048)) { KeyId = issuer.KeyId }, SecurityAlgorithms.RsaSha256)),
        ["not signed (alg none)"] = (issuer, now) => issuer.Token(now, change: token => token.SigningCredentials = null),
        ["HS256 with the public key as its secret"] = (issuer, now) => issuer.Token(
            now, change: token => token.SigningCredentials = new(new SymmetricSecurityKey(issuer.PublicKey) { KeyId = issuer.KeyId }, SecurityAlgorithms.HmacSha256)),
        ["without a subject"] = (issuer, now) => issuer.Token(now, change: token => token.Claims.Remove("sub")),
        ["with an empty subject"] = (issuer, now) => issuer.Token(now, ""),
        ["without its signature"] = (issuer, now) => issuer.Token(now)[..^20],
        ["with other claims under the same signature"] = (issuer, now) => Swapped(issuer.Token(now), issuer.Token(now, "eve")),
    };

    [Theory]
    [MemberData(nameof(BadTokens))]
    public async Task A_token_is_refused_that_is(string flaw)
    {
        using var response = await ProfilesAsync(_gateway, Bad[flaw](_issuer, Now));

        await response.ShouldFailAsync(401, "unauthorized");
        Assert.Equal(["Bearer"], response.Headers.GetValues("WWW-Authenticate"));
    }

    /// <summary>What nobody signed is read before it is believed, and may be anything.</summary>
    [Theory]
    [InlineData("""{"alg":"RS256"}""", """{"iss":{}}""")]
    [InlineData("""{"alg":"RS256"}""", """{"iss":["ISSUER"]}""")]
    [InlineData("""{"alg":"RS256"}""", """{"iss":7}""")]
    [InlineData("""{"alg":"RS256"}""", """{"iss":null}""")]
    [InlineData("""{"alg":"RS256"}""", """{"iss":"ISSUER","aud":{},"exp":"never"}""")]
    [InlineData("""{"alg":"RS256"}""", """{"iss":"ISSUER","aud":[7,null,[]],"exp":1e400,"nbf":-1e400}""")]
    [InlineData("""{"alg":"RS256"}""", """{"iss":"ISSUER","exp":99999999999999999999}""")]
    [InlineData("""{"alg":"RS256"}""", """{"iss":"\ud800"}""")]
    [InlineData("""{"alg":"RS256","kid":7}""", """{"iss":"ISSUER"}""")]
    [InlineData("""{"alg":null}""", """{"iss":"ISSUER"}""")]
    [InlineData("""{"alg":"RS256","kid":"\ud800"}""", """{"iss":"ISSUER"}""")]
    [InlineData("""{"alg":"RS256","crit":["x"],"jku":"http://127.0.0.1:9/keys","x5u":7,"cty":"JWT"}""", """{"iss":"ISSUER"}""")]
    [InlineData("[]", "[]")]
    [InlineData("", "")]
    public async Task A_malformed_token_is_refused_like_any_other(string header, string payload)
    {
        var token = $"{Base64UrlEncoder.Encode(header)}.{Base64UrlEncoder.Encode(payload.Replace("ISSUER", _issuer.Url, StringComparison.Ordinal))}.AAAA";

        using var response = await ProfilesAsync(_gateway, token);

        await response.ShouldFailAsync(401, "unauthorized");
    }

    [Fact]
    public async Task Clocks_may_be_half_a_minute_apart()
    {
        Assert.Equal(200, await StatusAsync(_issuer.Token(Now.AddSeconds(29))));
        Assert.Equal(200, await StatusAsync(_issuer.Token(Now.AddMinutes(-5).AddSeconds(-29))));
        Assert.Equal(401, await StatusAsync(_issuer.Token(Now.AddMinutes(-5).AddSeconds(-30))));
    }

    [Fact]
    public async Task A_rotated_signing_key_counts_with_the_first_token_that_names_it()
    {
        var old = _issuer.Token(Now);
        Assert.Equal(200, await StatusAsync(old));
        _issuer.Rotate();
        _time.Advance(AfterCooldown);

        Assert.Equal(200, await StatusAsync(_issuer.Token(Now)));
        Assert.Equal(401, await StatusAsync(old));
    }

    [Fact]
    public async Task A_flood_of_unknown_keys_asks_the_issuer_once()
    {
        await StatusAsync(_issuer.Token(Now));
        _time.Advance(AfterCooldown);

        var flood = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => StatusAsync(Bad["signed with an unknown key"](_issuer, Now))));

        Assert.All(flood, status => Assert.Equal(401, status));
        Assert.Equal(2, _issuer.Fetches);
    }

    [Fact]
    public async Task Tokens_of_strangers_ask_the_issuer_nothing()
    {
        await StatusAsync(_issuer.Token(Now));
        _time.Advance(AfterCooldown);

        Assert.Equal(401, await StatusAsync(_issuer.Token(Now, change: token => (token.Issuer, token.SigningCredentials) = ("https://issuer.example", new(Issuer.ForeignKey(), SecurityAlgorithms.RsaSha256)))));

        Assert.Equal(1, _issuer.Fetches);
    }

    [Fact]
    public async Task While_the_issuer_is_away_known_keys_stay_good_and_unknown_ones_bad()
    {
        _gateway.Announce("did not give its metadata");
        var token = _issuer.Token(Now);
        Assert.Equal(200, await StatusAsync(token));
        _issuer.IsAway = true;
        _time.Advance(AfterCooldown);

        Assert.Equal(401, await StatusAsync(Bad["signed with an unknown key"](_issuer, Now)));
        Assert.Equal(200, await StatusAsync(token));
    }

    [Fact]
    public async Task An_issuer_that_was_never_there_is_not_the_callers_fault()
    {
        _gateway.Announce("did not give its metadata");
        _issuer.IsAway = true;
        using var away = await ProfilesAsync(_gateway, _issuer.Token(Now));
        _issuer.IsAway = false;
        using var tooSoon = await ProfilesAsync(_gateway, _issuer.Token(Now));
        _time.Advance(TimeSpan.FromSeconds(5));
        using var back = await ProfilesAsync(_gateway, _issuer.Token(Now));

        await away.ShouldFailAsync(503, "no_destination");
        Assert.Equal(TimeSpan.FromSeconds(5), away.Headers.RetryAfter?.Delta);
        Assert.Equal([503, 200], [(int)tooSoon.StatusCode, (int)back.StatusCode]);
    }

    [Fact]
    public async Task A_reload_keeps_what_is_known_of_an_issuer()
    {
        await using var gateway = Gateway.StartWith(_azure.Url, _issuer.Settings());
        using var before = await ProfilesAsync(gateway, _issuer.Token(DateTimeOffset.UtcNow));
        await gateway.ReloadAsync(settings => settings.Set("Realtime:Profiles:assistant:Voice", "\"cedar\""));
        using var after = await ProfilesAsync(gateway, _issuer.Token(DateTimeOffset.UtcNow));

        Assert.Equal([200, 200], [(int)before.StatusCode, (int)after.StatusCode]);
        Assert.Equal(1, _issuer.Fetches);
    }

    [Fact]
    public async Task Another_claim_can_be_the_subject()
    {
        await using var gateway = Start(new(_issuer.Settings()) { ["Callers:Jwt:test:SubjectClaim"] = "oid" });

        using var without = await ProfilesAsync(gateway, _issuer.Token(Now));
        using var with = await ProfilesAsync(gateway, _issuer.Token(Now, claims: ("oid", "4711")));

        Assert.Equal([401, 200], [(int)without.StatusCode, (int)with.StatusCode]);
    }

    [Fact]
    public async Task The_issuer_may_be_spelt_out()
    {
        await using var gateway = Start(new(_issuer.Settings()) { ["Callers:Jwt:test:Issuers:0"] = "https://tenant.example/" });

        using var own = await ProfilesAsync(gateway, _issuer.Token(Now));
        using var spelt = await ProfilesAsync(gateway, _issuer.Token(Now, change: token => token.Issuer = "https://tenant.example/"));

        Assert.Equal([401, 200], [(int)own.StatusCode, (int)spelt.StatusCode]);
    }

    [Fact]
    public async Task Keys_and_tokens_stand_side_by_side()
    {
        var key = CallersKey.New();
        await using var other = await Issuer.StartAsync();
        await using var gateway = Start(new(_issuer.Settings())
        {
            ["Callers:Keys:web:Hash"] = key.Hash,
            ["Callers:Jwt:other:Authority"] = other.Url,
            ["Callers:Jwt:other:Audiences:0"] = Issuer.Audience,
        });

        using var byKey = await ProfilesAsync(gateway, key.Key);
        using var byToken = await ProfilesAsync(gateway, _issuer.Token(Now));
        using var byOther = await ProfilesAsync(gateway, other.Token(Now));

        Assert.Equal([200, 200, 200], [(int)byKey.StatusCode, (int)byToken.StatusCode, (int)byOther.StatusCode]);
    }

    [Fact]
    public async Task A_token_and_its_subject_appear_in_no_log_line()
    {
        var token = _issuer.Token(Now, "ada@example.org");
        Assert.Equal(200, await StatusAsync(token));
        Assert.Equal(401, await StatusAsync(Bad["expired"](_issuer, Now)));

        var log = string.Join('\n', _gateway.Logs.GetSnapshot().Select(record => record.ToString()));
        Assert.All([token, token.Split('.')[1], "ada"], secret => Assert.DoesNotContain(secret, log, StringComparison.Ordinal));
    }

    private static string Swapped(string signed, string other) => string.Join('.', signed.Split('.')[0], other.Split('.')[1], signed.Split('.')[2]);

    // Bad tokens are refused here for what they are, not for how many there were.
    private Gateway Start(Dictionary<string, string?> settings) => Gateway.StartWith(
        _azure.Url,
        new Dictionary<string, string?>(settings) { ["Limits:failedauthentication:Permits"] = "1000" },
        services: services => services.AddSingleton<TimeProvider>(_time));

    private async Task<int> StatusAsync(string token)
    {
        using var response = await ProfilesAsync(_gateway, token);
        return (int)response.StatusCode;
    }

    private static Task<HttpResponseMessage> ProfilesAsync(Gateway gateway, string credential) => gateway.Http.SendAsync(
        new HttpRequestMessage(HttpMethod.Get, "/profiles") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", credential) } },
        TestContext.Current.CancellationToken);
}
