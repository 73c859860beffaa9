using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using RealtimeGateway.Tests.Calls;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Tickets;

/// <summary>What a caller does with tickets.</summary>
internal static class Ticketing
{
    public const string Path = "/openai/v1/realtime/client_secrets";
    public const string CallsPath = CallingAzure.CallsPath;
    public const string SocketPath = "/openai/v1/realtime";

    /// <summary>Asks for a ticket with this body; without one when there is none.</summary>
    public static Task<HttpResponseMessage> AskForTicketAsync(this Gateway gateway, string? body = null, string? key = null, string path = Path) =>
        gateway.SendAsync(HttpMethod.Post, path, key, body is null ? null : Gateway.Json(body));

    /// <summary>Has a ticket made.</summary>
    public static async Task<string> TicketAsync(this Gateway gateway, string? body = null, string? key = null, string path = Path)
    {
        using var response = await gateway.AskForTicketAsync(body, key, path);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode is HttpStatusCode.OK, text);
        return (string)JsonNode.Parse(text)!["value"]!;
    }

    /// <summary>Begins a call with it, as OpenAI's SDKs do.</summary>
    public static Task<HttpResponseMessage> RedeemAsync(this Gateway gateway, string ticket, string path = CallsPath, string offer = Calling.Offer) =>
        gateway.CallAsync(offer, path: path, key: ticket);

    public static async Task<HttpStatusCode> RedeemAsync(this HttpClient http, string ticket)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, CallsPath) { Content = new StringContent(Calling.Offer, new MediaTypeHeaderValue("application/sdp")) };
        request.Headers.Authorization = new("Bearer", ticket);
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    /// <summary>Offers it as a browser does on a WebSocket, which can set no header.</summary>
    public static void OfferTicket(this ClientWebSocketOptions options, string ticket)
    {
        options.AddSubProtocol("realtime");
        options.AddSubProtocol($"openai-insecure-api-key.{ticket}");
        options.AddSubProtocol("openai-agents-sdk.0.20.0");
    }
}
