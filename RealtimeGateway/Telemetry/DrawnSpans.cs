using System.Diagnostics;

namespace RealtimeGateway.Telemetry;

/// <summary>
/// Which of the next requests have a span. The sampler is asked for many of them at once: it mostly says no, and to hear that in the middle of a request costs more than the
/// spans do.
/// </summary>
internal sealed class DrawnSpans(ActivitySource source)
{
    private const int Ahead = 64;

    private readonly Lock _drawing = new();
    private readonly Activity?[] _drawn = new Activity?[Ahead];
    private int _next = Ahead;

    /// <summary>The span of a request that belongs to no other trace, not started; <c>null</c> for one that is not sampled.</summary>
    public Activity? Next()
    {
        lock (_drawing)
        {
            if (_next == Ahead)
                Draw();
            var span = _drawn[_next];
            _drawn[_next++] = null; // it is the request's from now on
            return span;
        }
    }

    private void Draw()
    {
        for (var i = 0; i < Ahead; i++)
            _drawn[i] = source.CreateActivity(RequestSpan.Name, ActivityKind.Server) is { IsAllDataRequested: true } span ? span : null;
        _next = 0;
    }
}
