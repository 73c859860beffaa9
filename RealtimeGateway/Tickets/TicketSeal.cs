using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using RealtimeGateway.KeyRing;
using RealtimeGateway.Limits;

namespace RealtimeGateway.Tickets;

/// <summary>Seals tickets, and opens them again. Nobody else can read one or make one.</summary>
internal sealed class TicketSeal(IDataProtectionProvider protection)
{
    /// <summary>Characters of a sealed ticket: with the rest of its header it stays below the 8 KiB that most proxies take.</summary>
    public const int MaxLength = 6 * 1024;

    private readonly IDataProtector _protector = protection.CreateProtector("RealtimeGateway.Tickets", "v1");

    /// <summary><c>null</c> when it holds too much.</summary>
    public string? Seal(Ticket ticket)
    {
        using var bytes = new MemoryStream(512);
        using (var writer = new BinaryWriter(bytes))
            Write(writer, ticket);
        var text = Ticket.Prefix + Base64Url.EncodeToString(Encrypt(bytes.ToArray()));
        return text.Length <= MaxLength ? text : null;
    }

    /// <summary><c>null</c> for everything but a ticket of a gateway with the same keys that has not expired.</summary>
    /// <exception cref="CryptographicException">With a <see cref="KeysAwayException"/> inside: it may be a good one, but the keys could not be read.</exception>
    public Ticket? Open(string text, DateTimeOffset now)
    {
        if (text.Length > MaxLength || !text.StartsWith(Ticket.Prefix, StringComparison.Ordinal))
            return null;
        try
        {
            var opened = _protector.Unprotect(Base64Url.DecodeFromChars(text.AsSpan(Ticket.Prefix.Length)));
            using var reader = new BinaryReader(new MemoryStream(opened, writable: false));
            return Read(reader) is { } ticket && now < ticket.Expires ? ticket : null;
        }
        catch (Exception e) when (e is FormatException or CryptographicException { InnerException: not KeysAwayException })
        {
            return null;
        }
    }

    private byte[] Encrypt(byte[] ticket) => _protector.Protect(ticket);

    private static void Write(BinaryWriter writer, Ticket ticket)
    {
        writer.Write(ticket.Identity);
        writer.Write7BitEncodedInt(ticket.Grants.Count);
        foreach (var grant in ticket.Grants)
            writer.Write(grant);
        writer.Write(ticket.Profile);
        writer.Write7BitEncodedInt(ticket.Choice.Length);
        writer.Write(ticket.Choice.Span);
        writer.Write(ticket.Cluster);
        writer.Write(ticket.Destination);
        writer.Write(ticket.Expires.ToUnixTimeSeconds());
        writer.Write(ticket.Number.ToByteArray());
        LeaseName.Write(writer, ticket.Lease);
    }

    private static Ticket Read(BinaryReader reader) => new()
    {
        Identity = reader.ReadString(),
        Grants = [.. Enumerable.Range(0, reader.Read7BitEncodedInt()).Select(_ => reader.ReadString())],
        Profile = reader.ReadString(),
        Choice = reader.ReadBytes(reader.Read7BitEncodedInt()),
        Cluster = reader.ReadString(),
        Destination = reader.ReadString(),
        Expires = DateTimeOffset.FromUnixTimeSeconds(reader.ReadInt64()),
        Number = new(reader.ReadBytes(16)),
        Lease = LeaseName.Read(reader),
    };
}
