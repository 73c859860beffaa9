using System.Diagnostics;

namespace RealtimeGateway.Credentials;

/// <summary>An API key as a destination's credential.</summary>
[DebuggerDisplay("{ToString(),nq}")]
internal sealed class ApiKeyCredential(string name, string key) : ICredential
{
    public const string HeaderName = "api-key";

    private readonly Proof _proof = new(HeaderName, key);

    public string Name => name;

    public ValueTask<Proof> CurrentAsync(CancellationToken cancellation) => new(_proof);

    public bool TryTurnFrom(Proof refused) => false;

    public void Accepted(Proof proof)
    {
    }

    public CredentialReport Report() => new(Name, "primary", Since: null);

    public override string ToString() => $"{Name}: ***";
}
