using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using RealtimeGateway.Callers;
using RealtimeGateway.KeyRing;
using RealtimeGateway.Limits;

namespace RealtimeGateway.Calls;

/// <summary>
/// Seals a call into its id, and opens the id again for the caller that owns the call. Nobody else can read an id or make one. An anonymous caller's call
/// belongs to whoever has the id.
/// </summary>
internal sealed class CallIds(IDataProtectionProvider protection)
{
    /// <summary>What ids of calls begin with, as those of the service do.</summary>
    private const string Prefix = "rtc_";

    private const int MaxLength = 4096;

    private readonly IDataProtector _protector = protection.CreateProtector("RealtimeGateway.Calls", "v1");

    public string Seal(Call call, Caller owner)
    {
        using var bytes = new MemoryStream(256);
        using (var writer = new BinaryWriter(bytes))
            Write(writer, call, owner);
        return Prefix + Base64Url.EncodeToString(Encrypt(bytes.ToArray()));
    }

    /// <summary>What stands for a call where something is remembered about it.</summary>
    public static string NameOf(string id) => Convert.ToHexStringLower(Hash(id));

    /// <summary><c>null</c> for everything but an id that a gateway with the same keys has given this caller.</summary>
    /// <exception cref="CryptographicException">With a <see cref="KeysAwayException"/> inside: it may be a good one, but the keys could not be read.</exception>
    public Call? Open(string id, Caller caller)
    {
        if (id.Length > MaxLength || !id.StartsWith(Prefix, StringComparison.Ordinal))
            return null;
        try
        {
            var bytes = Base64Url.DecodeFromChars(id.AsSpan(Prefix.Length));
            // Blanks and padding would make other ids of the same call, and what is remembered about a call is remembered by its id.
            if (!id.AsSpan(Prefix.Length).SequenceEqual(Base64Url.EncodeToString(bytes)))
                return null;
            var opened = _protector.Unprotect(bytes);
            using var reader = new BinaryReader(new MemoryStream(opened, writable: false));
            return Read(reader, caller) is { } call ? call with { Name = NameOf(id) } : null;
        }
        catch (Exception e) when (e is FormatException or CryptographicException { InnerException: not KeysAwayException })
        {
            return null;
        }
    }

    private byte[] Encrypt(byte[] call) => _protector.Protect(call);

    private static void Write(BinaryWriter writer, Call call, Caller owner)
    {
        writer.Write(owner.IsAnonymous);
        writer.Write(Hash(owner.Identity));
        writer.Write(call.Cluster);
        writer.Write(call.Destination);
        writer.Write(call.Address);
        writer.Write(call.UpstreamId);
        writer.Write(call.Profile);
        writer.Write(call.Begun.ToUnixTimeMilliseconds());
        LeaseName.Write(writer, call.Lease);
    }

    private static Call? Read(BinaryReader reader, Caller caller)
    {
        var isAnybodys = reader.ReadBoolean();
        var owner = reader.ReadBytes(HashLength);
        if (!isAnybodys && !IsOf(caller, owner))
            return null;
        return new()
        {
            Cluster = reader.ReadString(),
            Destination = reader.ReadString(),
            Address = reader.ReadString(),
            UpstreamId = reader.ReadString(),
            Profile = reader.ReadString(),
            Begun = DateTimeOffset.FromUnixTimeMilliseconds(reader.ReadInt64()),
            Lease = LeaseName.Read(reader),
        };
    }

    private static bool IsOf(Caller caller, byte[] owner) => CryptographicOperations.FixedTimeEquals(owner, Hash(caller.Identity));

    private const int HashLength = 16;

    private static ReadOnlySpan<byte> Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, HashLength);
}
