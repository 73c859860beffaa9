using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using RealtimeGateway.Telemetry;

namespace RealtimeGateway.Web;

/// <summary>
/// The one error shape, which OpenAI clients already print: <c>{"error":{"message","type","code","param"}}</c>. Whatever leaves the
/// pipeline with an error status and no body, or as an exception, gets it here.
/// </summary>
internal static class ErrorEnvelope
{
    public static IApplicationBuilder UseErrorEnvelope(this IApplicationBuilder app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = WriteForExceptionAsync });
        return app.Use(static (context, next) => WriteForStatusAsync(context, next));
    }

    /// <summary>Ends the response with the envelope. Headers set before stay, such as <c>Allow</c> on a 405.</summary>
    public static async Task WriteErrorAsync(this HttpResponse response, GatewayError error)
    {
        response.HttpContext.RequestServices.GetRequiredService<GatewayMetrics>().Rejected(error);
        response.HttpContext.Features.Set(error); // for the log
        var body = Compose(error);
        response.StatusCode = error.Status;
        response.ContentType = "application/json";
        response.ContentLength = body.WrittenCount;
        response.Headers.CacheControl = "no-store";
        if (error.Status is StatusCodes.Status401Unauthorized)
            response.Headers.WWWAuthenticate = "Bearer";
        if (NoRetries.HoldFor(response.HttpContext))
            response.Headers["x-should-retry"] = "false";
        if (error.RetryAfterSeconds is { } seconds)
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        if (!HttpMethods.IsHead(response.HttpContext.Request.Method))
            await response.Body.WriteAsync(body.WrittenMemory, response.HttpContext.RequestAborted);
    }

    private static ArrayBufferWriter<byte> Compose(GatewayError error)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteStartObject("error"u8);
        writer.WriteString("message"u8, error.Message);
        writer.WriteString("type"u8, error.Type);
        writer.WriteString("code"u8, error.Code);
        writer.WriteString("param"u8, error.Param);
        writer.WriteEndObject();
        writer.WriteEndObject();
        return buffer;
    }

    private static async Task WriteForStatusAsync(HttpContext context, RequestDelegate next)
    {
        await next(context);
        if (context.Response is { HasStarted: false, StatusCode: >= 400 and < 600, ContentLength: null, ContentType: null } response && !context.RequestAborted.IsCancellationRequested)
            await response.WriteErrorAsync(GatewayError.ForStatus(response.StatusCode));
    }

    private static Task WriteForExceptionAsync(HttpContext context) =>
        context.Response.WriteErrorAsync(
            context.Features.Get<IExceptionHandlerFeature>()?.Error is BadHttpRequestException bad
                ? GatewayError.ForStatus(bad.StatusCode)
                : GatewayError.InternalError);
}
