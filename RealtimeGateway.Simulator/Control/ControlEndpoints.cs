using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Answers;
using RealtimeGateway.Simulator.Breaking;
using RealtimeGateway.Simulator.Calls;
using RealtimeGateway.Simulator.Conversations;
using RealtimeGateway.Simulator.Recording;
using RealtimeGateway.Simulator.Validation;

namespace RealtimeGateway.Simulator.Control;

/// <summary>
/// <c>/simulator</c>: switches faults on and off, and shows what was received and which calls there are. It asks for no credential, so it answers loopback callers
/// only, and no web page of another origin that one of them looks at; anybody else gets the 404 of an unknown path.
/// </summary>
internal static class ControlEndpoints
{
    private static readonly PathString Prefix = "/simulator";

    public static bool Owns(HttpContext http) =>
        http.Request.Path.StartsWithSegments(Prefix, StringComparison.OrdinalIgnoreCase) && IsLoopback(http.Connection.RemoteIpAddress) && Reach.IsFromHere(http.Request);

    public static void Map(WebApplication app)
    {
        var faults = app.Services.GetRequiredService<Faults>();
        var received = app.Services.GetRequiredService<ReceivedRequests>();
        MapLoopback(app, HttpMethods.Get, "/faults", http => ListFaults(faults).WriteAsync(http));
        MapLoopback(app, HttpMethods.Post, "/faults", async http => await (await InjectAsync(http, faults)).WriteAsync(http));
        MapLoopback(app, HttpMethods.Delete, "/faults", http => Clear(http, faults.Clear));
        MapLoopback(app, HttpMethods.Delete, "/faults/{id:int}", http => Remove(http, faults).WriteAsync(http));
        var utterances = app.Services.GetRequiredService<Utterances>();
        MapLoopback(app, HttpMethods.Get, "/utterances", http => UtterancesControl.List(utterances).WriteAsync(http));
        MapLoopback(app, HttpMethods.Post, "/utterances", async http => await (await UtterancesControl.ReplaceAsync(http, utterances)).WriteAsync(http));
        var calls = app.Services.GetRequiredService<LiveCalls>();
        MapLoopback(app, HttpMethods.Get, "/calls", http => CallsControl.List(calls).WriteAsync(http));
        MapLoopback(app, HttpMethods.Get, "/requests", http => ListRequests(received).WriteAsync(http));
        MapLoopback(app, HttpMethods.Delete, "/requests", http => Clear(http, received.Forget));
    }

    private static void MapLoopback(WebApplication app, string method, string path, RequestDelegate handle) =>
        app.MapMethods(Prefix + path, [method], http => Owns(http) ? handle(http) : AzureErrors.ResourceNotFound.WriteAsync(http));

    private static AzureAnswer ListFaults(Faults faults) => AzureAnswer.Json(200, new JsonObject
    {
        ["faults"] = new JsonArray([.. faults.Active.Select(FaultJson.Write)]),
        ["effects"] = new JsonObject(FaultEffect.All.Select(effect =>
            KeyValuePair.Create<string, JsonNode?>(effect.Name, new JsonArray([.. effect.Takes.Select(name => JsonValue.Create(name))])))),
    });

    private static async Task<AzureAnswer> InjectAsync(HttpContext http, Faults faults)
    {
        var (json, violation) = await JsonBody.ParseAsync(http.Request, FaultJson.Rule);
        if (violation is not null) return Refused(violation);
        if (json is null) return AzureErrors.NotJson;
        var fault = FaultJson.Read(json);
        if (FaultParameters.Violation(fault) is { } misfit) return Refused(misfit);
        return AzureAnswer.Json(201, FaultJson.Write(new(faults.Inject(fault), fault, fault.Times)));
    }

    private static AzureAnswer Refused(Violation violation) => AzureErrors.Refused(violation.Known.Count == 0
        ? violation
        : violation with { Message = $"{violation.Message} Allowed: {string.Join(", ", violation.Known)}." });

    private static AzureAnswer Remove(HttpContext http, Faults faults)
    {
        var id = int.Parse((string)http.GetRouteValue("id")!, CultureInfo.InvariantCulture);
        return faults.Remove(id) ? AzureAnswer.Empty(204) : AzureErrors.ResourceNotFound;
    }

    private static AzureAnswer ListRequests(ReceivedRequests received) =>
        AzureAnswer.Json(200, new JsonObject { ["requests"] = new JsonArray([.. received.All.Select(Describe)]) });

    private static JsonObject Describe(ReceivedRequest request) => new()
    {
        ["receivedAt"] = request.ReceivedAt,
        ["method"] = request.Method,
        ["path"] = request.Path,
        ["query"] = request.Query,
        ["headers"] = new JsonObject(request.Headers.Select(header => KeyValuePair.Create<string, JsonNode?>(header.Key, header.Value))),
        ["body"] = request.Body,
    };

    private static Task Clear(HttpContext http, Action clear)
    {
        clear();
        return AzureAnswer.Empty(204).WriteAsync(http);
    }

    private static bool IsLoopback(IPAddress? address) => address is null || IPAddress.IsLoopback(address);
}
