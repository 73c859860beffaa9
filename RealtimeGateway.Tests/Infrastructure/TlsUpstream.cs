using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace RealtimeGateway.Tests.Infrastructure;

/// <summary>A resource behind TLS, with a certificate of an authority that only the test knows. It mints, and remembers on which connection.</summary>
internal sealed class TlsUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly X509Certificate2 _authority;

    private TlsUpstream(WebApplication app, X509Certificate2 authority) => (_app, _authority) = (app, authority);

    public string Url => _app.Urls.First();

    public ConcurrentQueue<(string Method, string Protocol, string Connection, string Headers)> Received { get; } = new();

    public static async Task<TlsUpstream> StartAsync()
    {
        var authority = MakeAuthority();
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(MakeCertificate(authority))));
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        var upstream = new TlsUpstream(app, authority);
        app.Run(upstream.AnswerAsync);
        await app.StartAsync();
        return upstream;
    }

    /// <summary>Writes the authority's certificate as PEM.</summary>
    public void WriteAuthority(string path) => File.WriteAllText(path, _authority.ExportCertificatePem());

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _authority.Dispose();
    }

    private Task AnswerAsync(HttpContext context)
    {
        var headers = string.Join(',', context.Request.Headers.Keys.Where(name => !name.StartsWith(':')).Order(StringComparer.Ordinal));
        Received.Enqueue((context.Request.Method, context.Request.Protocol, context.Connection.Id, headers));
        return context.Request.Method == "HEAD" ? Task.CompletedTask : context.Response.WriteAsync(Azure.GaAnswer().ToJsonString());
    }

    private static X509Certificate2 MakeAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=An authority of our own", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static X509Certificate2 MakeCertificate(X509Certificate2 authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=resource", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1), RandomNumberGenerator.GetBytes(8));
        using var withKey = certificate.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pfx), password: null);
    }
}
