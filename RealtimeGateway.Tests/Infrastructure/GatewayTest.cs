namespace RealtimeGateway.Tests.Infrastructure;

/// <summary>A gateway in front of WireMock, shared by the tests of one class.</summary>
public sealed class GatewayBeforeAzure : IAsyncDisposable
{
    public GatewayBeforeAzure() => Gateway = Gateway.StartWith(Azure.Url);

    public Azure Azure { get; } = new();

    public Gateway Gateway { get; }

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
        Azure.Reset();
        Gateway.BeginTest();
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
