using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using RealtimeGateway.Callers;

namespace RealtimeGateway.Limits;

/// <summary>
/// Whose permits a request takes, as 128 bits: a caller or a profile by a hash, an address as its network. No identity is kept.
/// </summary>
internal static class Partition
{
    private const int MaxStackText = 256;

    public static UInt128 Of(LimitBy by, RouteLimits limits, HttpContext context) => by switch
    {
        LimitBy.Caller when Caller.Of(context) is { IsAnonymous: false } caller => caller.Partition,
        LimitBy.Caller or LimitBy.Address => OfAddress(context.Connection.RemoteIpAddress),
        LimitBy.Profile => OfText(ProfileOf(limits, context)),
        _ => UInt128.Zero,
    };

    /// <summary>The address that counts: IPv4 as it is, IPv6 by its /64, which is what one subscriber gets.</summary>
    public static UInt128 OfAddress(IPAddress? address)
    {
        if (address is null)
            return UInt128.Zero;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        return length == 4
            ? new UInt128(0, MemoryMarshal.Read<uint>(bytes) | 1UL << 32)
            : new UInt128(MemoryMarshal.Read<ulong>(bytes), 2UL << 32);
    }

    // A profile that is not for the caller counts like one that does not exist: its permits cannot be used up from outside, nor tell that it is there. The request will be refused.
    private static string ProfileOf(RouteLimits limits, HttpContext context)
    {
        var name = context.Request.Query.TryGetValue("profile", out var asked) ? asked.ToString() : Caller.Of(context).Profile ?? limits.Profile;
        return limits.Profiles.TryGetValue(name, out var profile) && Caller.Of(context).MayUse(profile) ? profile.Name : "";
    }

    public static UInt128 OfText(string text)
    {
        var size = Encoding.UTF8.GetByteCount(text);
        var bytes = size <= MaxStackText ? stackalloc byte[MaxStackText] : new byte[size];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(text, bytes)], hash);
        return MemoryMarshal.Read<UInt128>(hash);
    }
}
