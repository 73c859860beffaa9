using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Limits;

/// <summary>Behind the gateway's own steps stands a door that believes one credential.</summary>
public sealed class FailedAuthenticationTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly Door _door = new();
    private readonly Gateway _gateway;

    public FailedAuthenticationTests() => _gateway = Gateway.StartWith(
        "http://127.0.0.1:9",
        new Dictionary<string, string?> { ["Limits:failedauthentication:Permits"] = "3" },
        services: services => services.AddSingleton<TimeProvider>(_time).AddSingleton<IStartupFilter>(_door));

    [Fact]
    public async Task An_address_that_failed_too_often_is_refused_before_its_credential_is_looked_at()
    {
        for (var i = 0; i < 3; i++)
        {
            await (await KnockAsync("wrong")).ShouldFailAsync(401, "unauthorized");
            _time.Advance(TimeSpan.FromSeconds(5));
        }

        using var refused = await KnockAsync("right");

        await refused.ShouldFailAsync(429, "rate_limit_exceeded");
        Assert.Equal(TimeSpan.FromSeconds(45), refused.Headers.RetryAfter!.Delta);
        Assert.Equal(3, _door.Looks);
        _time.Advance(TimeSpan.FromSeconds(45));
        using var again = await KnockAsync("right");
        Assert.Equal(HttpStatusCode.NoContent, again.StatusCode);
    }

    [Fact]
    public async Task Good_credentials_are_not_counted_and_other_addresses_and_probes_are_not_refused()
    {
        for (var i = 0; i < 10; i++)
            Assert.Equal(HttpStatusCode.NoContent, (await KnockAsync("right")).StatusCode);
        for (var i = 0; i < 3; i++)
            await (await KnockAsync("wrong")).ShouldFailAsync(401, "unauthorized");
        await (await KnockAsync("wrong")).ShouldFailAsync(429, "rate_limit_exceeded");

        using var probe = await _gateway.Http.GetAsync("/health/ready", TestContext.Current.CancellationToken);
        using var other = await _gateway.MintFromAsync("127.0.0.2", "/door");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (probe.StatusCode, other.StatusCode));
    }

    /// <summary>A page asks before it knows that a credential is needed, and any site can make a visitor's browser ask.</summary>
    [Fact]
    public async Task Whoever_shows_no_credential_has_failed_nothing_and_locks_nobody_out()
    {
        for (var i = 0; i < 10; i++)
            await (await _gateway.MintAsync(pathAndQuery: "/door")).ShouldFailAsync(401, "unauthorized");

        Assert.Equal(HttpStatusCode.NoContent, (await KnockAsync("right")).StatusCode);
    }

    [Theory]
    [InlineData("Authorization", "Bearer wrong")]
    [InlineData("Authorization", "Basic wrong")]
    [InlineData("api-key", "wrong")]
    [InlineData("x-api-key", "")]
    [InlineData("Sec-WebSocket-Protocol", "realtime, openai-insecure-api-key.wrong")]
    public async Task A_credential_counts_in_every_form(string header, string value)
    {
        for (var i = 0; i < 3; i++)
            await (await KnockAsync(value, header)).ShouldFailAsync(401, "unauthorized");

        await (await KnockAsync("right")).ShouldFailAsync(429, "rate_limit_exceeded");
    }

    [Fact]
    public async Task What_an_upstream_refuses_is_not_counted()
    {
        using var upstream = new Azure();
        upstream.Answers("/own", 401, "{}");
        await using var gateway = Gateway.Start(
            new Dictionary<string, string?> { ["Limits:failedauthentication:Permits"] = "3", ["Credentials:west:ApiKey:Primary"] = Gateway.Key },
            settings =>
            {
                settings.Set("ReverseProxy:Clusters:azureopenai:Destinations", """{ "west": { "Address": "http://127.0.0.1:9", "Metadata": { "Credential": "west" } } }""");
                settings.Set("ReverseProxy:Clusters:own", $$"""{ "Destinations": { "one": { "Address": "{{upstream.Url}}" } } }""");
                settings.Set("ReverseProxy:Routes:own", """{ "ClusterId": "own", "Match": { "Path": "/own" } }""");
            });

        for (var i = 0; i < 5; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/own") { Headers = { { "x-api-key", "whatever" } } };
            using var response = await gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }

        Assert.Equal(5, upstream.Requests);
    }

    [Theory]
    [InlineData("""{ "By": "caller" }""")]
    [InlineData("""{ "By": "address", "Kind": "concurrency" }""")]
    [InlineData("""{ "By": "address", "WithoutRedis": "closed" }""")]
    public void A_rule_that_could_not_protect_is_refused(string rule) => Assert.Contains(
        "Limits:failedauthentication: must count requests, by address, and go on without Redis",
        Gateway.RefusalToStart(new Dictionary<string, string?>(), settings => settings.Set("Limits:failedauthentication", rule)),
        StringComparison.Ordinal);

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();

    private Task<HttpResponseMessage> KnockAsync(string credential, string header = "x-api-key")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/door");
        request.Headers.TryAddWithoutValidation(header, credential);
        return _gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private sealed class Door : IStartupFilter
    {
        public int Looks { get; private set; }

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            next(app);
            app.Map("/door", door => door.Run(context =>
            {
                Looks++;
                context.Response.StatusCode = context.Request.Headers["x-api-key"] == "right" ? StatusCodes.Status204NoContent : StatusCodes.Status401Unauthorized;
                return Task.CompletedTask;
            }));
        };
    }
}
