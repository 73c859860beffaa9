using Microsoft.Extensions.DependencyInjection;

namespace RealtimeGateway.Tests.Infrastructure;

/// <summary>A gateway in front of WireMock, shared by the tests of one class.</summary>
public sealed class GatewayBeforeAzure : IAsyncDisposable
{
    private readonly ShiftingTime _time = new();

    public GatewayBeforeAzure() => Gateway = Gateway.StartWith(Azure.Url, services: services => services.AddSingleton<TimeProvider>(_time));

    public Azure Azure { get; } = new();

    public Gateway Gateway { get; }

    /// <summary>What one test has put Azure's wish for quiet upon is over when the next begins.</summary>
    public void BeginTest()
    {
        Azure.Reset();
        _time.Advance(TimeSpan.FromHours(2));
        Gateway.BeginTest();
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        Azure.Dispose();
    }
}

/// <summary>
/// A test against a gateway in front of WireMock. Afterwards nothing may have reached Azure that the test did not stub, and nothing may have
/// been logged at Warning or above that it did not announce.
/// </summary>
public abstract class GatewayTest : IDisposable
{
    protected GatewayTest(GatewayBeforeAzure fixture)
    {
        ArgumentNullException.ThrowIfNull(fixture);
        (Azure, Gateway) = (fixture.Azure, fixture.Gateway);
        fixture.BeginTest();
    }

    protected Azure Azure { get; }

    protected Gateway Gateway { get; }

    protected void Announce(string warning) => Gateway.Announce(warning);

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        Azure.AssertNothingUnexpected();
        Gateway.AssertQuiet();
    }
}
