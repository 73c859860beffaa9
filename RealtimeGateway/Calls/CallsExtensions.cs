using System.Text.Json.Serialization;
using RealtimeGateway.Callers;
using RealtimeGateway.Web;

namespace RealtimeGateway.Calls;

/// <summary>
/// Calls that the gateway begins for a caller. <c>POST /calls</c> is a route of the configuration; here is what can be done with a call afterwards, by the
/// caller that began it. To everybody else it does not exist.
/// </summary>
internal static class CallsExtensions
{
    public static void AddCalls(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<CallIds>();
        builder.Services.AddSingleton<EndedCalls>();
        builder.Services.AddSingleton<ActiveCalls>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ActiveCalls>());
        builder.Services.AddSingleton<HangUp>();
        builder.Services.AddSingleton<CallRegister>();
        builder.Services.AddSingleton<OrphanedCalls>();
        builder.Services.AddHostedService(services => services.GetRequiredService<OrphanedCalls>());
    }

    public static void MapCalls(this IEndpointRouteBuilder endpoints)
    {
        var calls = endpoints.MapGroup("/").RequireCors().WithTags("Calls");
        calls.MapGet("/calls/{id}", DescribeAsync).WithSummary("How a call is, as far as the gateway knows.").Produces<CallAnswer>();
        calls.MapDelete("/calls/{id}", (string id, HttpContext context, CallRegister register) => EndAsync(id, context, register, StatusCodes.Status204NoContent))
            .WithSummary("End a call, for the browser as well.").Produces(StatusCodes.Status204NoContent);
        calls.MapPost("/openai/v1/realtime/calls/{id}/hangup", (string id, HttpContext context, CallRegister register) => EndAsync(id, context, register, StatusCodes.Status200OK))
            .WithSummary("End a call, as OpenAI's SDKs do.").Produces(StatusCodes.Status200OK);
    }

    private static async Task DescribeAsync(string id, HttpContext context, CallRegister register)
    {
        var (call, error) = register.Find(id, Caller.Of(context));
        if (call is null)
        {
            await context.Response.WriteErrorAsync(error!);
            return;
        }

        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsJsonAsync(await register.DescribeAsync(id, call), CallJson.Default.CallAnswer, cancellationToken: context.RequestAborted);
    }

    // A page that goes away does not wait for the answer; the call ends all the same.
    private static async Task EndAsync(string id, HttpContext context, CallRegister register, int status)
    {
        var (call, error) = register.Find(id, Caller.Of(context));
        if (call is not null)
            error = await register.EndAsync(call, context.TraceIdentifier);
        if (error is not null)
            await context.Response.WriteErrorAsync(error);
        else
            context.Response.StatusCode = status;
    }
}

/// <param name="State"><c>begun</c>; <c>ended</c> once the gateway knows of an end.</param>
/// <param name="Seconds">Since it began, until now or its end.</param>
/// <param name="EndReason"><c>hangup</c>, <c>gone</c> or <c>expired</c>; <c>null</c> while no end is known.</param>
internal sealed record CallAnswer(string Id, string Object, string State, long Seconds, string? EndReason);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CallAnswer))]
internal sealed partial class CallJson : JsonSerializerContext;
