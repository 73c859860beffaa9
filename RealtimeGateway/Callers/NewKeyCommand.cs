using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace RealtimeGateway.Callers;

/// <summary><c>RealtimeGateway new-key [NAME]</c>: makes a key for a caller and prints it with what the configuration needs of it. No server starts.</summary>
internal static class NewKeyCommand
{
    /// <summary>What every key begins with, so that a scanner for leaked secrets recognises one.</summary>
    public const string KeyPrefix = "rgk_";

    private const int KeyBytes = 32;

    /// <summary>The exit code: 0, or 1 for a name that no configuration can carry.</summary>
    public static int Run(string[] arguments, TextWriter output, TextWriter error)
    {
        var name = arguments.Length > 0 ? arguments[0] : "web";
        if (name.Length == 0 || !name.All(char.IsAsciiLetterOrDigit))
        {
            error.WriteLine("The name of a key has letters and digits only."); // what every source of configuration can carry
            return 1;
        }

        var key = KeyPrefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(KeyBytes));
        var hash = $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))}";
        output.WriteLine($$"""
            The key, for the caller alone. It is shown this once:

              {{key}}

            For the gateway, into appsettings.json:

              "Callers": { "Keys": { "{{name}}": { "Hash": "{{hash}}" } } }

            or into its environment:

              Callers__Keys__{{name}}__Hash={{hash}}
            """);
        return 0;
    }
}
