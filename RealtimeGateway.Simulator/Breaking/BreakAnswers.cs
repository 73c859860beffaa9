namespace RealtimeGateway.Simulator.Breaking;

/// <summary>Gives each request to the fault that waits for it; the fault decides whether the endpoint is still asked.</summary>
internal sealed class BreakAnswers(RequestDelegate next, Faults faults, TimeProvider time, IHostApplicationLifetime lifetime)
{
    public Task InvokeAsync(HttpContext http)
    {
        var operation = http.GetEndpoint()?.Metadata.GetMetadata<FaultPoint>()?.OperationOf(http.Request) ?? FaultOperation.Any;
        return faults.TryTake(operation, out var fault) ? ApplyAsync(http, fault) : next(http);
    }

    private Task ApplyAsync(HttpContext http, Fault fault) => fault.Effect.ApplyAsync(new(
        http, fault, fault.Beneath is { } beneath ? inner => ApplyAsync(inner, beneath) : next, time, lifetime.ApplicationStopping));
}
