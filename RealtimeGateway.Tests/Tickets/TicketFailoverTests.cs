using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using RealtimeGateway.Tests.Calls;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Tickets;

/// <summary>Two resources, of which the first is preferred: a ticket is for one of them, and another may stand in.</summary>
public sealed class TicketFailoverTests : IAsyncLifetime
{
    private readonly ShiftingTime _time = new();
    private CallingAzure _one = null!;
    private CallingAzure _two = null!;
    private Gateway _gateway = null!;

    public async ValueTask InitializeAsync() => (_one, _two) = (await CallingAzure.StartAsync(), await CallingAzure.StartAsync());

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _one.DisposeAsync();
        await _two.DisposeAsync();
    }

    [Fact]
    public async Task It_is_redeemed_where_it_was_made_for_while_that_one_is_well()
    {
        Start();
        _gateway.Announce("answered 429");
        _one.OnMint = context =>
        {
            context.Response.Headers.RetryAfter = "20";
            return CallingAzure.Status(429)(context);
        };
        await _gateway.BeginCallAsync();
        var ticket = await _gateway.TicketAsync(); // the first one wants quiet
        _one.OnMint = _one.MintAsync;
        _time.Advance(TimeSpan.FromSeconds(21));
        await _gateway.BeginCallAsync();
        Assert.Equal((1, 1), (_one.Offers.Count, _two.Offers.Count));

        Assert.Equal(201, await _gateway.RedeemAsync(ticket).StatusAsync());

        Assert.Equal((1, 2), (_one.Offers.Count, _two.Offers.Count));
    }

    [Fact]
    public async Task When_that_one_fails_the_next_is_asked_and_the_ticket_is_spent_once()
    {
        Start();
        _gateway.Announce("answered 500");
        var ticket = await _gateway.TicketAsync();
        _one.OnMint = CallingAzure.Status(500);

        Assert.Equal(201, await _gateway.RedeemAsync(ticket).StatusAsync());

        Assert.Equal((1, 0, 1, 1), (_one.Mints.Count, _one.Offers.Count, _two.Mints.Count, _two.Offers.Count));
        Assert.Equal(401, await _gateway.RedeemAsync(ticket).StatusAsync());
    }

    [Fact]
    public async Task One_that_is_out_is_not_given_any()
    {
        Start();
        _gateway.Announce("answered 401");
        _one.OnMint = CallingAzure.Status(401);
        await _gateway.BeginCallAsync();
        var ticket = await _gateway.TicketAsync();

        Assert.Equal(201, await _gateway.RedeemAsync(ticket).StatusAsync());

        Assert.Single(_one.Mints);
        Assert.Equal(2, _two.Mints.Count);
    }

    [Fact]
    public async Task Making_one_says_nothing_of_how_a_destination_is()
    {
        Start(settings => settings["ReverseProxy"]!["Clusters"]!["azureopenai"]!["Destinations"]!.AsObject().Remove("two"));
        _gateway.Announce("answered 500");
        _one.OnMint = CallingAzure.Status(500);
        for (var failure = 1; failure <= 3; failure++)
        {
            Assert.DoesNotContain(_gateway.Logs.GetSnapshot(), record => record.Message.Contains("is out until", StringComparison.Ordinal));
            await _gateway.TicketAsync();
            Assert.Equal(502, await _gateway.CallAsync().StatusAsync());
        }

        Assert.Contains(_gateway.Logs.GetSnapshot(), record => record.Message.Contains("is out until", StringComparison.Ordinal));
        await _gateway.TicketAsync();
        Assert.Equal(3, _one.All.Count);
    }

    [Fact]
    public async Task With_none_but_the_preview_protocol_there_is_none_to_be_had()
    {
        _gateway = Gateway.StartWith(_one.Url, new Dictionary<string, string?>
        {
            ["AZURE_OPENAI_API_VERSION"] = "2025-04-01-preview",
            ["AZURE_OPENAI_WEBRTC_URL"] = "https://westus2.realtimeapi-preview.ai.azure.com/v1/realtimertc",
        });
        _gateway.Announce("deprecated");

        using var response = await _gateway.AskForTicketAsync("{}");

        await response.ShouldFailAsync(503, "no_destination");
    }

    private void Start(Action<JsonNode>? change = null) => _gateway = Gateway.Start(
        Gateway.Generous,
        settings =>
        {
            AddDestination(settings, "one", _one.Url, priority: 0);
            AddDestination(settings, "two", _two.Url, priority: 1);
            change?.Invoke(settings);
        },
        services: services => services.AddSingleton<TimeProvider>(_time));

    private static void AddDestination(JsonNode settings, string name, string url, int priority)
    {
        settings.Set($"ReverseProxy:Clusters:azureopenai:Destinations:{name}", $$"""{ "Address": "{{url}}", "Metadata": { "Credential": "{{name}}", "Priority": "{{priority}}" } }""");
        settings.Set($"Credentials:{name}:ApiKey:Primary", $"\"key-of-{name}\"");
    }
}
