using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RealtimeGateway.Tests.Web;

/// <summary>
/// The files of a certificate for 127.0.0.1 that an authority renews: <c>tls.crt</c> with the certificate and the intermediate one that issued it,
/// <c>tls.key</c>, and both in <c>tls.pfx</c>. A client knows the root alone.
/// </summary>
internal sealed class RenewableCertificate : IDisposable
{
    public const string Password = "of-the-file";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("realtime-gateway-tls-");
    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _intermediate;

    public RenewableCertificate()
    {
        _root = Issue("CN=root", isAuthority: true, issuer: null, out var key);
        key.Dispose();
        _intermediate = Issue("CN=intermediate", isAuthority: true, _root, out key);
        key.Dispose();
        foreach (var file in new[] { Certificate, Key, Both })
            File.CreateSymbolicLink(file, Path.Combine("..data", Path.GetFileName(file)));
        Renew("CN=first");
    }

    public string Certificate => Path.Combine(_folder.FullName, "tls.crt");

    public string Key => Path.Combine(_folder.FullName, "tls.key");

    public string Both => Path.Combine(_folder.FullName, "tls.pfx");

    /// <summary>Puts another certificate and its key in their place, as the kubelet does with a mounted secret: another folder, and one rename of the link to it.</summary>
    public void Renew(string subject)
    {
        var folder = _folder.CreateSubdirectory($"..{Guid.NewGuid():N}");
        using var renewed = Issue(subject, isAuthority: false, _intermediate, out var key);
        using (key)
        {
            File.WriteAllText(Path.Combine(folder.FullName, "tls.crt"), $"{renewed.ExportCertificatePem()}\n{_intermediate.ExportCertificatePem()}\n");
            File.WriteAllText(Path.Combine(folder.FullName, "tls.key"), key.ExportPkcs8PrivateKeyPem());
            var both = new X509Certificate2Collection { renewed, X509CertificateLoader.LoadCertificate(_intermediate.RawData) };
            File.WriteAllBytes(Path.Combine(folder.FullName, "tls.pfx"), both.Export(X509ContentType.Pkcs12, Password)!);
        }

        File.CreateSymbolicLink(Path.Combine(_folder.FullName, "..next"), folder.Name);
        using var rename = Process.Start("mv", ["-T", Path.Combine(_folder.FullName, "..next"), Path.Combine(_folder.FullName, "..data")]);
        rename.WaitForExit();
        Assert.Equal(0, rename.ExitCode);
    }

    /// <summary>An HTTP client of its own connections that trusts the root alone, and tells whose certificate it saw.</summary>
    /// <param name="knowsIntermediate">Whether it has the intermediate certificate already, and the server need not send it.</param>
    public HttpClient Client(string address, Action<string> saw, bool knowsIntermediate = false)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.CustomTrustStore.Add(_root);
        if (knowsIntermediate)
            policy.ExtraStore.Add(_intermediate);
        var tls = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = policy,
            RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
            {
                saw(certificate!.Subject);
                return errors == SslPolicyErrors.None;
            },
        };
        return new(new SocketsHttpHandler { SslOptions = tls }) { BaseAddress = new Uri(address) };
    }

    public void Dispose()
    {
        _root.Dispose();
        _intermediate.Dispose();
        _folder.Delete(recursive: true);
    }

    private static X509Certificate2 Issue(string subject, bool isAuthority, X509Certificate2? issuer, out ECDsa key)
    {
        key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, hasPathLengthConstraint: false, 0, critical: true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        if (issuer is null)
            return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var certificate = request.Create(issuer, new DateTimeOffset(issuer.NotBefore), new DateTimeOffset(issuer.NotAfter), RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }
}
