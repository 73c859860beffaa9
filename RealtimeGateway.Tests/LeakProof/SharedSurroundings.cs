namespace RealtimeGateway.Tests.LeakProof;

/// <summary>The same for the whole proof, which runs one test after the other: spans are heard by whoever listens, and those of a mutant must not be taken for the gateway's.</summary>
[CollectionDefinition(nameof(SharedSurroundings))]
public sealed class SharedSurroundings : IAsyncLifetime, ICollectionFixture<SharedSurroundings>
{
    internal Surroundings Value { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Value = await Surroundings.StartAsync();

    public ValueTask DisposeAsync() => Value.DisposeAsync();
}
