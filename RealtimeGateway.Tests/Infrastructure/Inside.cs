using Microsoft.Extensions.DependencyInjection;
using RealtimeGateway.Configuration;
using RealtimeGateway.Proxy;

namespace RealtimeGateway.Tests.Infrastructure;

/// <summary>A look at what the running gateway has in force.</summary>
internal static class Inside
{
    public static Snapshot Snapshot(this Gateway gateway) => gateway.Services.GetRequiredService<LiveConfiguration>().Current;

    public static Destination OnlyDestination(this Gateway gateway) => Assert.Single(gateway.Snapshot().Destinations.All);
}
