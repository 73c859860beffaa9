using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace RealtimeGateway.Tests.Infrastructure;

/// <summary>An upstream that does what a test scripts, down to the reason phrase, trailers and the moment of every byte.</summary>
internal sealed class ScriptedUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ScriptedUpstream(WebApplication app) => _app = app;

    public string Url => _app.Urls.First();

    public static Task<ScriptedUpstream> StartAsync(RequestDelegate script) => StartAsync(script, certificate: null);

    /// <summary>Starts it with TLS when there is a certificate.</summary>
    public static async Task<ScriptedUpstream> StartAsync(RequestDelegate script, X509Certificate2? certificate)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null)
                listen.UseHttps(certificate);
        }));
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        app.Run(script);
        await app.StartAsync();
        return new(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
