using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using RealtimeGateway.Tests.Calls;
using RealtimeGateway.Tests.Infrastructure;
using RealtimeGateway.Tests.Telemetry;
using RealtimeGateway.Tickets;

namespace RealtimeGateway.Tests.Tickets;

/// <summary>Where a ticket counts, for whom, how often, and what it carries.</summary>
public sealed class RedemptionTests : IAsyncLifetime
{
    private readonly CallersKey _ada = CallersKey.New();
    private readonly CallersKey _bob = CallersKey.New();
    private readonly ShiftingTime _time = new();
    private readonly List<string> _tickets = [];
    private CallingAzure _azure = null!;
    private Gateway _gateway = null!;

    public async ValueTask InitializeAsync() => _azure = await CallingAzure.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _gateway.AssertNoSecretLogged();
        foreach (var request in _azure.All)
            Assert.DoesNotContain(_tickets, ticket => $"{request.Path}{request.Query}{string.Join(' ', request.Headers.Values)}{request.Body}".Contains(ticket, StringComparison.Ordinal));
        var metrics = await _gateway.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        Assert.DoesNotContain("ek_", metrics, StringComparison.Ordinal);
        await _gateway.DisposeAsync();
        await _azure.DisposeAsync();
    }

    [Fact]
    public async Task It_begins_a_call_of_the_caller_that_had_it_made()
    {
        Start();
        var ticket = await TicketAsync(_ada);

        using var response = await _gateway.RedeemAsync(ticket);

        Assert.Equal(201, (int)response.StatusCode);
        Assert.Equal((1, 1), (_azure.Mints.Count, _azure.Offers.Count));
        Assert.Equal("Bearer ek_minted_1", _azure.Offers[0].Headers["Authorization"]);
        Assert.False((await response.VisibleAsync()).ShowsSecret());
        var hangUp = $"{Ticketing.CallsPath}/{response.Headers.Location!.OriginalString.Split('/')[^1]}/hangup";
        Assert.Equal(404, await _gateway.SendAsync(HttpMethod.Post, hangUp, _bob.Key).StatusAsync());
        Assert.Equal(401, await _gateway.SendAsync(HttpMethod.Post, hangUp, await TicketAsync(_ada)).StatusAsync());
        Assert.Equal(200, await _gateway.SendAsync(HttpMethod.Post, hangUp, _ada.Key).StatusAsync());
        Assert.Equal([CallingAzure.CallId], _azure.HangUps);
    }

    [Fact]
    public async Task It_is_redeemed_once()
    {
        Start();
        var ticket = await TicketAsync(_ada);
        Assert.Equal(201, await _gateway.RedeemAsync(ticket).StatusAsync());

        using var again = await _gateway.RedeemAsync(ticket);

        await again.ShouldFailAsync(401, "unauthorized");
        Assert.Equal(["false"], again.Headers.GetValues("x-should-retry"));
        Assert.Single(_azure.Mints);
    }

    [Fact]
    public async Task Of_many_who_come_with_it_at_once_one_gets_a_call()
    {
        Start();
        var ticket = await TicketAsync(_ada);

        var statuses = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _gateway.RedeemAsync(ticket).StatusAsync()));

        Assert.Equal((1, 19), (statuses.Count(status => status is 201), statuses.Count(status => status is 401)));
        Assert.Single(_azure.Mints);
    }

    [Fact]
    public async Task It_is_good_until_it_expires_and_no_longer()
    {
        Start();
        var (one, other) = (await TicketAsync(_ada), await TicketAsync(_ada));
        _time.Advance(TimeSpan.FromSeconds(50));
        Assert.Equal(201, await _gateway.RedeemAsync(one).StatusAsync());

        _time.Advance(TimeSpan.FromSeconds(11));
        using var late = await _gateway.RedeemAsync(other);

        await late.ShouldFailAsync(401, "unauthorized");
    }

    [Fact]
    public async Task One_whose_offer_comes_when_it_has_expired_is_too_late()
    {
        Start();
        var ticket = await TicketAsync(_ada);
        using var offer = new SlowOffer();
        var late = _gateway.SendAsync(HttpMethod.Post, Ticketing.CallsPath, ticket, offer);
        await _gateway.ShowsAsync("""realtime_gateway_limits_decisions_total{decision="admitted",rule="sessions"} 2"""); // it was good when it came

        _time.Advance(TimeSpan.FromSeconds(61));
        offer.Finish();
        using var response = await late;

        await response.ShouldFailAsync(401, "unauthorized");
        Assert.Empty(_azure.All);
    }

    [Fact]
    public async Task A_clock_that_is_put_back_makes_no_second_use_of_it()
    {
        Start();
        var spent = _gateway.Services.GetRequiredService<SpentTickets>();
        var ticket = await OpenTicketAsync();
        Assert.Equal(Spending.Spent, await spent.TrySpendAsync(ticket));
        _time.Advance(TimeSpan.FromSeconds(70));
        Assert.True(spent.TryPresent(await OpenTicketAsync())); // what is over is forgotten

        _time.Advance(TimeSpan.FromSeconds(-70));

        Assert.Equal(Spending.SpentBefore, await spent.TrySpendAsync(ticket));
        async Task<Ticket> OpenTicketAsync() => _gateway.Services.GetRequiredService<TicketSeal>().Open(await TicketAsync(_ada), _time.GetUtcNow())!;
    }

    [Theory]
    [InlineData("POST", "/sessions")]
    [InlineData("POST", Ticketing.Path)]
    [InlineData("GET", "/profiles")]
    [InlineData("GET", "/calls/rtc_x")]
    [InlineData("DELETE", "/calls/rtc_x")]
    [InlineData("POST", Ticketing.CallsPath + "/rtc_x/hangup")]
    [InlineData("POST", "/openai/v1/chat/completions")]
    public async Task Elsewhere_it_proves_nobody(string method, string path)
    {
        foreach (var isOpen in new[] { false, true })
        {
            Start(settings => settings.AddChatRoute(), isOpen);
            var ticket = await TicketAsync(isOpen ? null : _ada);

            using var response = await _gateway.SendAsync(new HttpMethod(method), path, ticket, method is "POST" ? Gateway.Json("{}") : null);

            await response.ShouldFailAsync(401, "unauthorized");
            Assert.Empty(_azure.All);
            if (!isOpen)
                await _gateway.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("/calls")]
    [InlineData(Ticketing.CallsPath)]
    public async Task It_counts_on_the_plain_route_as_on_the_one_for_SDKs(string path)
    {
        Start();

        Assert.Equal(201, await _gateway.RedeemAsync(await TicketAsync(_ada), path).StatusAsync());
    }

    [Fact]
    public async Task It_counts_in_every_form_in_which_keys_come()
    {
        Start();
        foreach (var header in new[] { "api-key", "x-api-key" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Ticketing.CallsPath) { Content = new StringContent(Calling.Offer, new System.Net.Http.Headers.MediaTypeHeaderValue("application/sdp")) };
            request.Headers.Add(header, await TicketAsync(_ada));
            using var response = await _gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(201, (int)response.StatusCode);
        }
    }

    [Fact]
    public async Task On_an_open_gateway_it_is_redeemed_and_anybody_may_come_without()
    {
        Start(isOpen: true);
        var ticket = await TicketAsync(null);

        Assert.Equal(201, await _gateway.RedeemAsync(ticket).StatusAsync());
        Assert.Equal(401, await _gateway.RedeemAsync(ticket).StatusAsync());
        Assert.Equal(201, await _gateway.CallAsync(path: Ticketing.CallsPath).StatusAsync());
        Assert.Equal(201, await _gateway.CallAsync(path: Ticketing.CallsPath, key: "sk-whatever").StatusAsync()); // nobody looks at it
    }

    [Fact]
    public async Task A_forged_one_proves_nobody()
    {
        Start();
        var ticket = await TicketAsync(_ada);
        var sealedBytes = Base64Url.DecodeFromChars(ticket.AsSpan(3));
        sealedBytes[^1] ^= 1;
        var turned = "ek_" + Base64Url.EncodeToString(sealedBytes);
        var call = (await _gateway.BeginCallAsync(_ada.Key)).Split('/')[^1];

        foreach (var forged in new[] { turned, ticket[..^1], ticket + "A", "ek_", "ek_" + new string('A', 7000), "ek_ä", "ek_" + call["rtc_".Length..], "rtc_" + ticket[3..] })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Ticketing.CallsPath) { Content = new StringContent(Calling.Offer, new System.Net.Http.Headers.MediaTypeHeaderValue("application/sdp")) };
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + forged.Replace('ä', 'a'));
            using var response = await _gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
            await response.ShouldFailAsync(401, "unauthorized");
        }

        Assert.Equal(201, await _gateway.RedeemAsync(ticket).StatusAsync());
    }

    [Fact]
    public async Task One_of_another_gateway_proves_nobody()
    {
        Start();
        await using var other = Gateway.StartWith(_azure.Url);
        var ticket = await other.TicketAsync();

        Assert.Equal(401, await _gateway.RedeemAsync(ticket).StatusAsync());
    }

    [Fact]
    public async Task It_shows_nothing_of_what_it_carries_and_no_two_are_alike()
    {
        Start();
        var (one, other) = (await TicketAsync(_ada), await TicketAsync(_ada));

        var bytes = Encoding.Latin1.GetString(Base64Url.DecodeFromChars(one.AsSpan(3)));
        foreach (var hidden in new[] { "azureopenai", "default", "assistant", "ada", "key:" })
            Assert.DoesNotContain(hidden, bytes, StringComparison.OrdinalIgnoreCase);
        Assert.NotEqual(one, other);
    }

    [Fact]
    public async Task It_is_for_its_profile_and_no_other()
    {
        Start(settings => settings.Set("Realtime:Profiles:gold", """{ "Models": [ "gpt-realtime" ], "Voices": [ "sage" ] }"""));
        var (first, second, third) = (await TicketAsync(_ada), await TicketAsync(_ada, "?profile=gold"), await TicketAsync(_ada, "?profile=gold"));

        using var other = await _gateway.RedeemAsync(first, Ticketing.CallsPath + "?profile=gold");
        await other.ShouldFailAsync(403, "forbidden", "profile");
        using var foreign = await _gateway.RedeemAsync(second, Ticketing.CallsPath + "?profile=assistant");
        await foreign.ShouldFailAsync(403, "forbidden", "profile");
        Assert.Equal(201, await _gateway.RedeemAsync(second).StatusAsync()); // it need not be named
        Assert.Equal(201, await _gateway.RedeemAsync(third, Ticketing.CallsPath + "?profile=gold").StatusAsync());

        Assert.All(_azure.Mints, mint => Assert.Contains("\"voice\":\"sage\"", mint.Body, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_route_that_is_not_for_its_caller_is_not_for_the_ticket_either()
    {
        Start(settings => settings.Set("ReverseProxy:Routes:calls:Metadata:AllowedFor", "\"key:ada\""));

        Assert.Equal(201, await _gateway.RedeemAsync(await TicketAsync(_ada), "/calls").StatusAsync());
        Assert.Equal(403, await _gateway.RedeemAsync(await TicketAsync(_bob), "/calls").StatusAsync());
    }

    [Fact]
    public async Task What_was_chosen_counts_when_it_is_redeemed()
    {
        Start(settings => settings.Set("Realtime:Profiles:assistant:ClientMaySet", """[ "voice", "instructions", "modalities", "tools" ]"""));
        var ticket = await TicketAsync(_ada, body: """
            {"session":{"type":"realtime","instructions":"sei knapp: äöü 😀","output_modalities":["text"],"audio":{"output":{"voice":"cedar"}},
             "tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object"}}]}}
            """);
        var (body, type) = Calling.Form(("sdp", Calling.Offer), ("session", """{"type":"realtime","instructions":"of whoever holds it","audio":{"output":{"voice":"sage"}}}"""));

        Assert.Equal(201, await _gateway.CallAsync(body, type, Ticketing.CallsPath, ticket).StatusAsync());

        var session = JsonNode.Parse(_azure.Mints[0].Body)!["session"]!;
        Assert.Equal(("sei knapp: äöü 😀", """["text"]""", "cedar"), ((string?)session["instructions"], session["output_modalities"]!.ToJsonString(), (string?)session["audio"]!["output"]!["voice"]));
        Assert.Equal("f", (string?)Assert.Single(session["tools"]!.AsArray())!["name"]);
        Assert.Equal(10, (int)JsonNode.Parse(_azure.Mints[0].Body)!["expires_after"]!["seconds"]!);
    }

    [Fact]
    public async Task What_was_chosen_counts_no_more_when_the_profile_has_taken_it_back()
    {
        Start();
        var ticket = await TicketAsync(_ada, body: """{"session":{"audio":{"output":{"voice":"cedar"}}}}""");
        await _gateway.ReloadAsync(settings => settings.Set("Realtime:Profiles:assistant:Voices", """[ "marin" ]"""));

        using var response = await _gateway.RedeemAsync(ticket);

        await response.ShouldFailAsync(400, "invalid_value", "voice");
        Assert.Empty(_azure.All);
    }

    [Fact]
    public async Task What_is_refused_before_Azure_is_asked_does_not_cost_it()
    {
        Start(variables: [("Limits:sessionsatonce:Permits", "1")]);
        var ticket = await TicketAsync(_ada);
        using var empty = await _gateway.RedeemAsync(ticket, offer: "no offer");
        await empty.ShouldFailAsync(400, "invalid_sdp");
        var call = await _gateway.BeginCallAsync(_ada.Key);
        using var full = await _gateway.RedeemAsync(ticket);
        await full.ShouldFailAsync(429, "too_many_calls");
        Assert.Equal(204, await _gateway.HangUpAsync(call, _ada.Key).StatusAsync());

        Assert.Equal(201, await _gateway.RedeemAsync(ticket).StatusAsync());
    }

    [Fact]
    public async Task Without_a_destination_to_ask_it_is_not_spent()
    {
        Start();
        _gateway.Announce("answered 429");
        var ticket = await TicketAsync(_ada);
        _azure.OnMint = context =>
        {
            context.Response.Headers.RetryAfter = "30";
            return CallingAzure.Status(429)(context);
        };
        Assert.Equal(429, await _gateway.CallAsync(key: _ada.Key).StatusAsync());
        using var quiet = await _gateway.RedeemAsync(ticket);
        await quiet.ShouldFailAsync(429, "upstream_rate_limited");

        _azure.OnMint = _azure.MintAsync;
        _time.Advance(TimeSpan.FromSeconds(31));

        Assert.Equal(201, await _gateway.RedeemAsync(ticket).StatusAsync());
    }

    [Fact]
    public async Task Once_Azure_has_been_asked_it_is_gone_whatever_came_of_it()
    {
        Start();
        _gateway.Announce("answered 500");
        var ticket = await TicketAsync(_ada);
        _azure.OnMint = CallingAzure.Status(500);
        Assert.Equal(502, await _gateway.RedeemAsync(ticket).StatusAsync());
        _azure.OnMint = _azure.MintAsync;

        Assert.Equal(401, await _gateway.RedeemAsync(ticket).StatusAsync());
    }

    [Fact]
    public async Task With_the_call_that_it_begins_it_counts_once()
    {
        Start(variables: [("Limits:sessionsatonce:Permits", "1")]);
        var ticket = await TicketAsync(_ada);
        using var waiting = await _gateway.AskForTicketAsync("{}", _ada.Key);
        await waiting.ShouldFailAsync(429, "too_many_calls");

        using var call = await _gateway.RedeemAsync(ticket);
        Assert.Equal(201, (int)call.StatusCode);
        Assert.Equal(429, await _gateway.AskForTicketAsync("{}", _ada.Key).StatusAsync());
        Assert.Equal(201, await _gateway.RedeemAsync(await TicketAsync(_bob)).StatusAsync()); // another caller has permits of its own

        Assert.Equal(204, await _gateway.HangUpAsync(call.Headers.Location!.OriginalString, _ada.Key).StatusAsync());
        Assert.Equal(200, await _gateway.AskForTicketAsync("{}", _ada.Key).StatusAsync());
    }

    [Fact]
    public async Task One_that_is_never_redeemed_counts_until_it_expires()
    {
        Start(variables: [("Limits:sessionsatonce:Permits", "1")]);
        await TicketAsync(_ada);
        Assert.Equal(429, await _gateway.AskForTicketAsync("{}", _ada.Key).StatusAsync());

        _time.Advance(TimeSpan.FromSeconds(61));

        Assert.Equal(200, await _gateway.AskForTicketAsync("{}", _ada.Key).StatusAsync());
    }

    [Fact]
    public async Task A_call_that_it_begins_takes_permits_of_its_caller()
    {
        Start(variables: [("Limits:sessions:Kind", "fixed_window"), ("Limits:sessions:Permits", "2")]);
        Assert.Equal(201, await _gateway.RedeemAsync(await TicketAsync(_ada)).StatusAsync());

        Assert.Equal(429, await _gateway.AskForTicketAsync("{}", _ada.Key).StatusAsync());
        Assert.Equal(200, await _gateway.AskForTicketAsync("{}", _bob.Key).StatusAsync());
    }

    /// <summary>Who holds one ticket cannot use up what the caller that had it made may do.</summary>
    [Theory]
    [InlineData(Calling.Offer, 201)]
    [InlineData("no offer", 400)]
    public async Task One_that_comes_again_and_again_is_a_failed_credential_and_no_request_of_its_caller(string offer, int first)
    {
        Start(variables: [("Limits:sessions:Kind", "fixed_window"), ("Limits:sessions:Permits", "20"), ("Limits:sessions:Window", "01:00:00"), ("Limits:failedauthentication:Permits", "5")]);
        var ticket = await TicketAsync(_ada);

        var statuses = new List<int>();
        for (var i = 0; i < 30; i++)
            statuses.Add(await _gateway.RedeemAsync(ticket, offer: offer).StatusAsync());

        Assert.Equal([first, 401, 429], statuses.Distinct());
        Assert.Equal(5, statuses.Count(status => status is 401));
        _time.Advance(TimeSpan.FromMinutes(1)); // the address may come again
        Assert.Equal(200, await _gateway.AskForTicketAsync("{}", _ada.Key).StatusAsync());
    }

    private async Task<string> TicketAsync(CallersKey? key, string query = "", string? body = null)
    {
        var ticket = await _gateway.TicketAsync(body, key?.Key, Ticketing.Path + query);
        _tickets.Add(ticket[3..]);
        return ticket;
    }

    private void Start(Action<JsonNode>? change = null, bool isOpen = false, params (string Name, string Value)[] variables) => _gateway = Gateway.StartWith(
        _azure.Url,
        (isOpen ? [] : new[] { ("Callers:Keys:ada:Hash", _ada.Hash), ("Callers:Keys:bob:Hash", _bob.Hash) }).Concat(variables).ToDictionary(pair => pair.Item1, pair => (string?)pair.Item2),
        settings => change?.Invoke(settings),
        services => services.AddSingleton<TimeProvider>(_time));

    /// <summary>An offer of which half comes at once.</summary>
    private sealed class SlowOffer : HttpContent
    {
        private static readonly byte[] Bytes = Encoding.UTF8.GetBytes(Calling.Offer);
        private readonly TaskCompletionSource _other = new();

        public SlowOffer() => Headers.ContentType = new("application/sdp");

        public void Finish() => _other.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(Bytes.AsMemory(0, 10));
            await stream.FlushAsync();
            await _other.Task;
            await stream.WriteAsync(Bytes.AsMemory(10));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = Bytes.Length;
            return true;
        }
    }
}
