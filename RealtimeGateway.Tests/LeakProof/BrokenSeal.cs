using Microsoft.AspNetCore.DataProtection;

namespace RealtimeGateway.Tests.LeakProof;

/// <summary>What seals tickets and ids of calls; when it is broken, that is a mistake of the gateway's own.</summary>
internal sealed class BrokenSeal : IDataProtectionProvider
{
    private readonly EphemeralDataProtectionProvider _whole = new();

    public bool IsBroken { get; set; }

    public IDataProtector CreateProtector(string purpose) => new Protector(this, _whole.CreateProtector(purpose));

    private sealed class Protector(BrokenSeal seal, IDataProtector whole) : IDataProtector
    {
        public IDataProtector CreateProtector(string purpose) => new Protector(seal, whole.CreateProtector(purpose));

        public byte[] Protect(byte[] plaintext) => seal.IsBroken ? throw new InvalidOperationException($"No seal: {Canaries.Bug.Text}") : whole.Protect(plaintext);

        public byte[] Unprotect(byte[] protectedData) => whole.Unprotect(protectedData);
    }
}
