using System.Text.Json;
using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Answers;
using RealtimeGateway.Simulator.Calls;
using RealtimeGateway.Simulator.Conversations;

namespace RealtimeGateway.Simulator.Control;

/// <summary><c>/simulator/calls</c>: the calls that are live and the last that ended, so that an orphan can be seen.</summary>
internal static class CallsControl
{
    public static AzureAnswer List(LiveCalls calls) =>
        AzureAnswer.Json(200, new JsonObject { ["calls"] = new JsonArray([.. calls.All.Select(Describe)]) });

    private static JsonObject Describe(CallReport call) => new()
    {
        ["id"] = call.Id,
        ["state"] = call.End is null ? "live" : "ended",
        ["ended"] = call.End is { } end ? JsonNamingPolicy.SnakeCaseLower.ConvertName(end.ToString()) : null,
        ["beganAt"] = call.BeganAt,
        ["seconds"] = Math.Round(call.Lasted.TotalSeconds, 3),
        ["surface"] = call.Origin.Surface == Surface.Ga ? "ga" : "preview",
        ["deployment"] = call.Origin.Deployment,
        ["media"] = call.Origin.Media == CallMedia.Peer ? "peer" : "none",
        ["filtered"] = call.Origin.IsFiltered,
        ["sidebands"] = call.Sidebands,
        ["secretUse"] = call.Origin.SecretUse,
    };
}
