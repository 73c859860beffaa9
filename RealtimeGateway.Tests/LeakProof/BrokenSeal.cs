using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using RealtimeGateway.KeyRing;

namespace RealtimeGateway.Tests.LeakProof;

/// <summary>What seals tickets and ids of calls; when it is broken, that is a mistake of the gateway's own.</summary>
internal sealed class BrokenSeal : IDataProtectionProvider
{
    private readonly EphemeralDataProtectionProvider _whole = new();

    public bool IsBroken { get; set; }

    /// <summary>Whether its keys cannot be read.</summary>
    public bool HasNoKeys { get; set; }

    public IDataProtector CreateProtector(string purpose) => new Protector(this, _whole.CreateProtector(purpose));

    private sealed class Protector(BrokenSeal seal, IDataProtector whole) : IDataProtector
    {
        public IDataProtector CreateProtector(string purpose) => new Protector(seal, whole.CreateProtector(purpose));

        public byte[] Protect(byte[] plaintext) => seal.IsBroken ? throw new InvalidOperationException($"No seal: {Canaries.Bug.Text}") : whole.Protect(plaintext);

        public byte[] Unprotect(byte[] protectedData) => seal.HasNoKeys
            ? throw new CryptographicException("No keys.", new KeysAwayException(new InvalidOperationException($"No keys: {Canaries.Bug.Text}")))
            : whole.Unprotect(protectedData);
    }
}
