using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Calls;

/// <summary>Two resources, of which the first is preferred and in trouble. A mint may go on to the second; an offer that may have arrived may not.</summary>
public sealed class CallFailoverTests : IAsyncLifetime
{
    private CallingAzure _one = null!;
    private CallingAzure _two = null!;
    private Gateway _gateway = null!;

    public async ValueTask InitializeAsync() => (_one, _two) = (await CallingAzure.StartAsync(), await CallingAzure.StartAsync());

    public async ValueTask DisposeAsync()
    {
        _gateway.AssertNoSecretLogged();
        await _gateway.DisposeAsync();
        await _one.DisposeAsync();
        await _two.DisposeAsync();
    }

    public static TheoryData<string, string> MintTroubles => new()
    {
        { "429", "answered 429" },
        { "500", "answered 500" },
        { "401", "answered 401" },
        { "404", "answered 404" },
        { "reset", "No mint: reset at destination one" },
        { "unreadable", "with a body that is no session" },
        { "hang", "No mint: timeout at destination one" },
    };

    [Theory]
    [MemberData(nameof(MintTroubles))]
    public async Task A_mint_that_fails_goes_on_to_the_next_destination_and_the_offer_goes_there_once(string trouble, string logged)
    {
        Start();
        _one.OnMint = ScriptOf(trouble);
        _gateway.Announce(logged);

        var call = await _gateway.BeginCallAsync();

        Assert.Equal((1, 0, 1, 1), (_one.Mints.Count, _one.Offers.Count, _two.Mints.Count, _two.Offers.Count));
        Assert.Equal("key-of-two", _two.Mints[0].Headers["api-key"]);
        Assert.Contains(_gateway.Logs.GetSnapshot(), record => record.Message.Contains(logged, StringComparison.Ordinal));
        Assert.Equal(204, await _gateway.HangUpAsync(call).StatusAsync());
        Assert.Empty(_one.HangUps);
        Assert.Equal([CallingAzure.CallId], _two.HangUps);
    }

    [Fact]
    public async Task A_destination_that_nobody_listens_at_is_passed_over()
    {
        Start(settings => Regions.AddDestination(settings, "dead", FreeAddress.Next()));
        _gateway.Announce("No mint: connect at destination dead");
        _one.OnMint = CallingAzure.Status(500); // whichever of the preferred two is tried first
        _gateway.Announce("answered 500");

        await _gateway.BeginCallAsync();

        Assert.Single(_two.Offers);
    }

    [Fact]
    public async Task A_key_that_is_refused_is_turned_and_the_mint_done_with_the_other_one()
    {
        Start(settings => settings.Set("Credentials:one:ApiKey:Secondary", "\"second-key-of-one\""));
        _gateway.Announce("answered 401", "secondary");
        _one.OnMint = context => context.Request.Headers["api-key"] == "second-key-of-one" ? _one.MintAsync(context) : CallingAzure.Status(401)(context);

        await _gateway.BeginCallAsync();

        Assert.Equal(["key-of-one", "second-key-of-one"], _one.Mints.Select(mint => mint.Headers["api-key"]));
        Assert.Single(_one.Offers);
        Assert.Empty(_two.All);
    }

    [Theory]
    [InlineData("500", 502, "upstream_unavailable")]
    [InlineData("429", 429, "upstream_rate_limited")]
    [InlineData("401", 502, "upstream_misconfigured")]
    [InlineData("404", 502, "upstream_misconfigured")]
    [InlineData("400", 400, "upstream_rejected")]
    [InlineData("307", 502, "upstream_misconfigured")]
    [InlineData("reset", 502, "upstream_unavailable")]
    public async Task An_offer_that_may_have_arrived_is_never_sent_again(string trouble, int status, string code)
    {
        Start();
        _gateway.Announce("answered", "Forwarding failed");
        _one.OnCall = ScriptOf(trouble);

        using var response = await _gateway.CallAsync();

        await response.ShouldFailAsync(status, code);
        Assert.Equal(["false"], response.Headers.GetValues("x-should-retry"));
        Assert.DoesNotContain("leaked", await response.VisibleAsync(), StringComparison.Ordinal);
        Assert.Equal((1, 1), (_one.Mints.Count, _one.Offers.Count));
        Assert.Empty(_two.All);
    }

    [Fact]
    public async Task A_destination_cannot_say_that_an_offer_never_arrived()
    {
        Start();
        _gateway.Announce("answered 500 (connect)");
        _one.OnCall = CallingAzure.Status(500, """{"error":{"code":"connect"}}""");

        Assert.Equal(502, await _gateway.CallAsync().StatusAsync());

        Assert.Empty(_two.All);
    }

    [Fact]
    public async Task An_offer_may_take_longer_than_a_mint_while_another_destination_is_left()
    {
        Start();
        _one.OnCall = async context =>
        {
            await Task.Delay(TimeSpan.FromSeconds(2.5)); // AttemptTimeout is two
            await CallingAzure.AnswerAsync(context);
        };

        await _gateway.BeginCallAsync();

        Assert.Single(_one.Offers);
        Assert.Empty(_two.All);
    }

    [Fact]
    public async Task A_refused_secret_is_no_word_about_the_key()
    {
        Start(settings => settings.Set("Credentials:one:ApiKey:Secondary", "\"second-key-of-one\""));
        _gateway.Announce("answered 401");
        _one.OnCall = CallingAzure.Status(401);

        Assert.Equal(502, await _gateway.CallAsync().StatusAsync());

        Assert.Equal("primary", _gateway.Snapshot().Credentials["one"].Report().State);
    }

    [Fact]
    public async Task An_offer_for_which_there_was_no_connection_is_taken_to_the_next_destination_with_a_secret_of_its_own()
    {
        using var vanishing = new MintsAndVanishes();
        Start(settings => settings["ReverseProxy"]!["Clusters"]!["azureopenai"]!["Destinations"]!["one"]!["Address"] = vanishing.Url);
        _gateway.Announce("Forwarding failed: connect at destination one");

        await _gateway.BeginCallAsync();

        Assert.True(vanishing.HasMinted);
        Assert.Equal(["Bearer ek_minted_1"], _two.Offers.Select(offer => offer.Headers["Authorization"]));
        Assert.Single(_two.Mints);
    }

    [Fact]
    public async Task The_preview_protocol_takes_no_calls()
    {
        Start(settings => settings.Set("ReverseProxy:Clusters:azureopenai:Destinations:one:Metadata", $$"""
            { "Credential": "one", "Protocol": "preview", "ApiVersion": "2025-04-01-preview", "WebRtcUrl": "{{_one.Url}}" }
            """));
        _gateway.Announce("deprecated by Azure");

        await _gateway.BeginCallAsync();

        Assert.Empty(_one.All);
    }

    [Fact]
    public async Task With_none_but_the_preview_protocol_there_is_no_destination()
    {
        _gateway = Gateway.StartWith(_one.Url, new Dictionary<string, string?>
        {
            ["AZURE_OPENAI_API_VERSION"] = "2025-04-01-preview",
            ["AZURE_OPENAI_WEBRTC_URL"] = _one.Url,
        });
        _gateway.Announce("deprecated by Azure");

        using var response = await _gateway.CallAsync();

        await response.ShouldFailAsync(503, "no_destination");
        Assert.Equal(["false"], response.Headers.GetValues("x-should-retry"));
    }

    private void Start(Action<JsonNode>? change = null) => _gateway = Gateway.Start(Gateway.Generous, settings =>
    {
        AddDestination(settings, "one", _one.Url, priority: 0);
        AddDestination(settings, "two", _two.Url, priority: 1);
        settings.Set("ReverseProxy:Routes:calls:Metadata:AttemptTimeout", "\"00:00:02\"");
        change?.Invoke(settings);
    });

    private static void AddDestination(JsonNode settings, string name, string url, int priority)
    {
        settings.Set($"ReverseProxy:Clusters:azureopenai:Destinations:{name}", $$"""{ "Address": "{{url}}", "Metadata": { "Credential": "{{name}}", "Priority": "{{priority}}" } }""");
        settings.Set($"Credentials:{name}:ApiKey:Primary", $"\"key-of-{name}\"");
    }

    private static RequestDelegate ScriptOf(string trouble) => trouble switch
    {
        "reset" => CallingAzure.Reset,
        "unreadable" => context => context.Response.WriteAsync("<html>"),
        "hang" => context => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default),
        _ => CallingAzure.Status(int.Parse(trouble, System.Globalization.CultureInfo.InvariantCulture)),
    };

    /// <summary>Answers one mint, closes the connection, and listens no longer.</summary>
    private sealed class MintsAndVanishes : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public MintsAndVanishes()
        {
            _listener.Start();
            Url = $"http://{_listener.LocalEndpoint}";
            _ = ServeAsync();
        }

        public string Url { get; }

        public bool HasMinted { get; private set; }

        public void Dispose() => _listener.Dispose();

        private async Task ServeAsync()
        {
            using var socket = await _listener.AcceptSocketAsync();
            _listener.Stop();
            var request = "";
            var buffer = new byte[8192];
            while (!request.EndsWith("}}", StringComparison.Ordinal))
                request += Encoding.UTF8.GetString(buffer, 0, await socket.ReceiveAsync(buffer));
            HasMinted = true;
            const string Body = """{"value":"ek_of_the_vanished","expires_at":1900000000,"session":{"id":"sess_1"}}""";
            await socket.SendAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {Body.Length}\r\n\r\n{Body}"));
        }
    }
}
