using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using RealtimeGateway.Credentials;
using RealtimeGateway.Proxy;
using RealtimeGateway.Proxy.Transforms;
using RealtimeGateway.Sessions;
using Yarp.ReverseProxy.Transforms;

namespace RealtimeGateway.Tests.Proxy.Transforms;

public sealed class CredentialTransformTests
{
    [Fact]
    public async Task Address_and_key_come_from_one_destination_whatever_YARP_has_swapped_meanwhile()
    {
        var context = ContextFor(new GaDialect());
        context.DestinationPrefix = "https://somebody-else.example/";

        await new CredentialTransform(TimeProvider.System, NullLogger<CredentialTransform>.Instance).ApplyAsync(context);

        Assert.Equal("https://ours.example/base/path", context.ProxyRequest.RequestUri?.AbsoluteUri);
        Assert.Equal(["our-key"], context.ProxyRequest.Headers.GetValues("api-key"));
    }

    [Theory]
    [InlineData("Authorization")]
    [InlineData("api-key")]
    [InlineData("x-api-key")]
    [InlineData("Cookie")]
    [InlineData("Proxy-Authorization")]
    [InlineData("Ocp-Apim-Subscription-Key")]
    public async Task No_credential_of_the_caller_is_left(string header)
    {
        var context = ContextFor(new GaDialect());
        context.ProxyRequest.Headers.TryAddWithoutValidation(header, "callers");

        await new CredentialTransform(TimeProvider.System, NullLogger<CredentialTransform>.Instance).ApplyAsync(context);

        Assert.Equal(["api-key"], context.ProxyRequest.Headers.Select(own => own.Key));
        Assert.Equal(["our-key"], context.ProxyRequest.Headers.GetValues("api-key"));
    }

    private static RequestTransformContext ContextFor(IRealtimeDialect dialect)
    {
        var http = new DefaultHttpContext();
        http.Features.Set(new Exchange
        {
            Destination = new()
            {
                Cluster = "cluster",
                Name = "ours",
                Address = new("https://ours.example/base/"),
                Credential = new ApiKeyCredential("ours", ["our-key"], previous: null, TimeProvider.System, NullLogger.Instance),
                Health = new(TimeProvider.System),
                PassThroughHealth = new(TimeProvider.System),
                Circuit = new(3, TimeSpan.FromSeconds(5)),
                State = new("ours"),
                Dialect = dialect,
                WebRtcUrl = "https://ours.example/base/calls",
            },
        });
        return new() { HttpContext = http, ProxyRequest = new HttpRequestMessage(), Path = "/path" };
    }
}
