using Microsoft.AspNetCore.Http.Features;
using Microsoft.OpenApi;
using RealtimeGateway.Callers;
using RealtimeGateway.Configuration;
using RealtimeGateway.Limits;
using RealtimeGateway.Proxy;
using RealtimeGateway.Web;

namespace RealtimeGateway.Telemetry;

/// <summary><c>POST /telemetry/webrtc</c>: a page reports how its call is, and in the end how it was; 204. Nothing of it is kept but figures.</summary>
internal static class WebRtcReports
{
    public static void MapWebRtcReports(this IEndpointRouteBuilder endpoints) => endpoints
        .MapPost("/telemetry/webrtc", TakeAsync)
        .RequireCors()
        .WithMetadata(new EndpointLimit(snapshot => snapshot.WebRtcReports))
        .WithSummary("Report the quality of a call.")
        .WithTags("Telemetry")
        .AddOpenApiOperationTransformer(static (operation, _, _) =>
        {
            Describe(operation);
            return Task.CompletedTask;
        });

    private static async Task TakeAsync(HttpContext context, LiveConfiguration live, WebRtcMetrics metrics)
    {
        var (report, error) = await ReadAsync(context, live.Current);
        if (error is not null)
        {
            await context.Response.WriteErrorAsync(error);
            return;
        }

        metrics.Reported(report!);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async ValueTask<(WebRtcReport? Report, GatewayError? Error)> ReadAsync(HttpContext context, Snapshot snapshot)
    {
        if (context.Request.ContentLength is 0 || context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody is false)
            return (null, GatewayError.InvalidJson);
        if (!context.Request.HasJsonContentType())
            return (null, GatewayError.UnsupportedMediaType);
        var (body, error) = await CallersBody.ReadAsync(context, WebRtcReport.MaxBytes);
        if (error is not null)
            return (null, error);
        var read = WebRtcReport.Read(body, snapshot.Profiles, Caller.Of(context));
        return CallersBody.Release(context, body) is { } gone ? (null, gone) : read;
    }

    private static void Describe(OpenApiOperation operation)
    {
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = OpenApiSchemas.Json(OpenApiSchemas.WebRtcReport(WebRtcReport.Ways, WebRtcReport.Outcomes, WebRtcReport.Figures)),
        };
        operation.Responses = new()
        {
            ["204"] = new OpenApiResponse { Description = "Taken." },
            ["default"] = OpenApiSchemas.ErrorResponse(),
        };
    }
}
