using System.Collections.Concurrent;
using System.Net;
using System.Reflection;
using Microsoft.AspNetCore.Server.Kestrel;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Web;

/// <summary>A gateway that ends TLS itself, by the settings that every ASP.NET Core server knows.</summary>
public sealed class ServerCertificateTests : IDisposable
{
    private readonly Azure _azure = new();
    private readonly RenewableCertificate _certificate = new();
    private readonly ConcurrentQueue<string> _seen = new();
    private readonly string _address = FreeAddress.Next().Replace("http://", "https://", StringComparison.Ordinal);

    public ServerCertificateTests() => _azure.Mints();

    [Theory]
    [InlineData("Endpoints:web:Certificate")]
    [InlineData("Certificates:Default")]
    public async Task A_renewed_certificate_counts_for_new_connections_and_disturbs_no_old_one(string section)
    {
        await using var gateway = Start((section, "Path", _certificate.Certificate), (section, "KeyPath", _certificate.Key));
        using var old = Client();
        Assert.Equal(HttpStatusCode.OK, await MintAsync(old));

        _certificate.Renew("CN=second");
        await gateway.WhenLoggedAsync("is renewed");

        Assert.Equal(HttpStatusCode.OK, await MintAsync(old));
        using var young = Client();
        Assert.Equal(HttpStatusCode.OK, await MintAsync(young));
        Assert.Equal(["CN=first", "CN=second"], _seen);
    }

    [Fact]
    public async Task So_does_one_with_its_key_in_one_file_under_a_password()
    {
        await using var gateway = Start(("Certificates:Default", "Path", _certificate.Both), ("Certificates:Default", "Password", RenewableCertificate.Password));
        using (var old = _certificate.Client(_address, _seen.Enqueue, knowsIntermediate: true)) // Kestrel takes no intermediate one out of such a file
            Assert.Equal(HttpStatusCode.OK, await MintAsync(old));

        _certificate.Renew("CN=second");
        await gateway.WhenLoggedAsync("is renewed");

        using var young = Client();
        Assert.Equal(HttpStatusCode.OK, await MintAsync(young));
        Assert.Equal(["CN=first", "CN=second"], _seen);
    }

    [Fact]
    public async Task One_that_cannot_be_used_changes_nothing_until_it_is_mended()
    {
        await using var gateway = Start(("Certificates:Default", "Path", _certificate.Certificate), ("Certificates:Default", "KeyPath", _certificate.Key));
        gateway.Announce("cannot be used");
        var key = await File.ReadAllTextAsync(_certificate.Key, TestContext.Current.CancellationToken);

        _certificate.Renew("CN=second");
        var renewed = await File.ReadAllTextAsync(_certificate.Key, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_certificate.Key, key, TestContext.Current.CancellationToken);
        var refusal = await gateway.WhenLoggedAsync("cannot be used");
        using (var client = Client())
            Assert.Equal(HttpStatusCode.OK, await MintAsync(client));
        await File.WriteAllTextAsync(_certificate.Key, renewed, TestContext.Current.CancellationToken);
        await gateway.WhenLoggedAsync("is renewed");
        using (var client = Client())
            Assert.Equal(HttpStatusCode.OK, await MintAsync(client));

        Assert.Equal(["CN=first", "CN=second"], _seen);
        Assert.DoesNotContain("PRIVATE KEY", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kestrel_does_not_close_an_endpoint_over_a_change_by_itself()
    {
        await using var gateway = Start(("Certificates:Default", "Path", _certificate.Certificate), ("Certificates:Default", "KeyPath", _certificate.Key));

        var loader = gateway.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.ConfigurationLoader!;

        // It says so nowhere else, and would take some seconds to do it.
        var property = typeof(KestrelConfigurationLoader).GetProperty("ReloadOnChange", BindingFlags.Instance | BindingFlags.NonPublic)!;
        Assert.False((bool)property.GetValue(loader)!);
    }

    public void Dispose()
    {
        _azure.Dispose();
        _certificate.Dispose();
    }

    private Gateway Start(params (string Section, string Key, string Value)[] certificate)
    {
        var gateway = Gateway.StartWith(_azure.Url, certificate.Select(setting => new KeyValuePair<string, string?>($"Kestrel:{setting.Section}:{setting.Key}", setting.Value))
            .Append(new("Kestrel:Endpoints:web:Url", _address)).ToDictionary());
        gateway.Announce("Overriding address(es)"); // the test's own urls, which give way
        return gateway;
    }

    private HttpClient Client() => _certificate.Client(_address, _seen.Enqueue);

    private static async Task<HttpStatusCode> MintAsync(HttpClient client)
    {
        using var response = await client.PostAsync("/sessions", Gateway.Json("{}"), TestContext.Current.CancellationToken);
        Assert.Equal("max-age=31536000", string.Join(',', response.Headers.GetValues("Strict-Transport-Security")));
        return response.StatusCode;
    }
}
