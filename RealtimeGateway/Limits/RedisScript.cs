using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace RealtimeGateway.Limits;

/// <summary>A script that Redis runs in one step.</summary>
internal sealed class RedisScript(string text)
{
    public string Text => text;

    /// <summary>What <c>EVALSHA</c> knows it by. Made once: whoever asks by the text has it hashed for every request.</summary>
    public byte[] Hash { get; } = HashOf(text);

    [SuppressMessage("Security", "CA5350", Justification = "Redis' own name for a script; it protects nothing.")]
    private static byte[] HashOf(string text) => SHA1.HashData(Encoding.UTF8.GetBytes(text));
}
