using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace RealtimeGateway.Web;

/// <summary>
/// A certificate with its key and its intermediate ones, in files as <c>Kestrel</c>'s settings name them: <c>Path</c> and <c>KeyPath</c> in PEM, or
/// <c>Path</c> alone in PKCS #12; <c>Password</c> where the key is encrypted.
/// </summary>
internal sealed class ServerCertificate
{
    private readonly string? _keyPath;
    private readonly string? _password;
    private byte[][] _before;
    private byte[][] _read;
    private SslStreamCertificateContext? _renewed;

    private ServerCertificate(string path, string? keyPath, string? password)
    {
        (Path, _keyPath, _password) = (path, keyPath, password);
        _before = _read = Contents();
    }

    public string Path { get; }

    /// <summary>The certificate that this section names; <c>null</c> when it names no file.</summary>
    public static ServerCertificate? In(IConfigurationSection section, string contentRoot) => section["Path"] is { Length: > 0 } path
        ? new(In(contentRoot, path), section["KeyPath"] is { Length: > 0 } keyPath ? In(contentRoot, keyPath) : null, section["Password"])
        : null;

    /// <summary>Has a new connection prove itself by the renewed certificate; as long as there is none, by the one that the server read when it started.</summary>
    public void Present(SslServerAuthenticationOptions tls)
    {
        if (Volatile.Read(ref _renewed) is { } renewed)
            tls.ServerCertificateContext = renewed;
    }

    /// <summary>Whether the files have other contents and have settled: two looks that agree, as one of them may be written later than the other.</summary>
    public bool IsReplaced()
    {
        var now = Contents();
        var isSettled = AreSame(now, _before);
        _before = now;
        return isSettled && !AreSame(now, _read);
    }

    /// <summary>Takes the files as they are now. What cannot be used is not looked at again until it changes.</summary>
    /// <returns>When the certificate expires.</returns>
    public DateTimeOffset Renew()
    {
        _read = _before;
        var renewed = Load();
        Volatile.Write(ref _renewed, renewed);
        return new(renewed.TargetCertificate.NotAfter);
    }

    private SslStreamCertificateContext Load()
    {
        if (_keyPath is null)
        {
            var all = X509CertificateLoader.LoadPkcs12CollectionFromFile(Path, _password);
            return SslStreamCertificateContext.Create(all.First(certificate => certificate.HasPrivateKey), all, offline: true);
        }

        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(Path);
        using var own = _password is null ? X509Certificate2.CreateFromPemFile(Path, _keyPath) : X509Certificate2.CreateFromEncryptedPemFile(Path, _password, _keyPath);
        var usable = X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), password: null); // Windows takes no key straight from PEM
        return SslStreamCertificateContext.Create(usable, chain, offline: true);
    }

    private byte[][] Contents() => [Read(Path), _keyPath is null ? [] : Read(_keyPath)];

    private static byte[] Read(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        // In the middle of being replaced: another look follows, and taking it explains what is wrong if it stays so.
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string In(string contentRoot, string path) => System.IO.Path.Combine(contentRoot, path);

    private static bool AreSame(byte[][] left, byte[][] right) => left.Zip(right).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));
}
