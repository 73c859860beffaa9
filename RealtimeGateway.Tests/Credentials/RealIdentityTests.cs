using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Credentials;

/// <summary>The real identity library in a process of its own, against the token endpoints of a platform as loopback plays them.</summary>
public sealed class RealIdentityTests : IDisposable
{
    private const string ClientId = "00000000-0000-0000-0000-000000000001";
    private const string TenantId = "00000000-0000-0000-0000-000000000002";

    private readonly ConcurrentQueue<Dictionary<string, string>> _asked = new();
    private readonly Azure _azure = new();

    [Fact]
    public async Task A_managed_identity_proves_the_gateway()
    {
        await using var platform = await ScriptedUpstream.StartAsync(context => AnswerAsync(
            context, $$"""{"access_token":"eyJ-managed","expires_on":"{{InAnHour}}","resource":"https://ai.azure.com","token_type":"Bearer","client_id":"{{ClientId}}"}"""));
        _azure.Mints();
        await using var gateway = await GatewayProcess.StartAsync(new Dictionary<string, string>(Settings)
        {
            ["IDENTITY_ENDPOINT"] = $"{platform.Url}/msi/token",
            ["IDENTITY_HEADER"] = "the-platforms-secret",
        });

        using var minted = await MintAsync(gateway);

        Assert.Equal(("Bearer eyJ-managed", 200), (_azure.Received.Headers!["Authorization"].Single(), (int)minted.StatusCode));
        var asked = Assert.Single(_asked);
        Assert.Equal(("https://ai.azure.com", ClientId, "the-platforms-secret"), (asked["resource"], asked["client_id"], asked["X-IDENTITY-HEADER"]));
    }

    [Fact]
    public async Task A_workload_identity_of_a_sovereign_cloud_proves_the_gateway()
    {
        using var certificate = new LoopbackCertificate();
        await using var authority = await ScriptedUpstream.StartAsync(
            context => AnswerAsync(context, """{"access_token":"eyJ-workload","expires_in":3600,"token_type":"Bearer"}"""), certificate.Value);
        var elsewhere = 0;
        await using var proxy = await ScriptedUpstream.StartAsync(context =>
        {
            Interlocked.Increment(ref elsewhere);
            context.Response.StatusCode = StatusCodes.Status502BadGateway;
            return Task.CompletedTask;
        });
        var federated = Path.Combine(certificate.Folder, "federated-token");
        await File.WriteAllTextAsync(federated, "the-clusters-word", TestContext.Current.CancellationToken);
        _azure.Mints();
        await using var gateway = await GatewayProcess.StartAsync(new Dictionary<string, string>(Settings)
        {
            ["AZURE_TENANT_ID"] = TenantId,
            ["AZURE_FEDERATED_TOKEN_FILE"] = federated,
            ["SSL_CERT_FILE"] = certificate.PemFile,
            ["HTTPS_PROXY"] = proxy.Url,
            ["NO_PROXY"] = "127.0.0.1",
            ["Credentials__default__Entra__AuthorityHost"] = authority.Url,
            ["Credentials__default__Entra__Scope"] = "https://cognitiveservices.azure.us/.default",
        });

        using var minted = await MintAsync(gateway);

        Assert.Equal(("Bearer eyJ-workload", 200), (_azure.Received.Headers!["Authorization"].Single(), (int)minted.StatusCode));
        var asked = Assert.Single(_asked);
        Assert.Equal($"/{TenantId}/oauth2/v2.0/token", asked["path"]);
        Assert.Equal((ClientId, "the-clusters-word"), (asked["client_id"], asked["client_assertion"]));
        Assert.StartsWith("https://cognitiveservices.azure.us/.default", asked["scope"], StringComparison.Ordinal);
        Assert.Equal(0, elsewhere); // nobody in the public cloud was asked whether the authority is one
    }

    public void Dispose() => _azure.Dispose();

    private static string InAnHour => DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    private Dictionary<string, string> Settings => new()
    {
        ["AZURE_OPENAI_ENDPOINT"] = _azure.Url,
        ["AZURE_OPENAI_API_KEY"] = "",
        ["AZURE_OPENAI_DEPLOYMENT"] = "",
        ["Credentials__default__Entra__ClientId"] = ClientId,
        ["Callers__AllowAnonymous"] = "true",
    };

    private static Task<HttpResponseMessage> MintAsync(GatewayProcess gateway) =>
        gateway.Http.PostAsync("/sessions", Gateway.Json("{}"), TestContext.Current.CancellationToken);

    private async Task AnswerAsync(HttpContext context, string json)
    {
        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync() : FormCollection.Empty;
        _asked.Enqueue(context.Request.Query.Concat(form).Concat(context.Request.Headers)
            .Append(new("path", context.Request.Path.Value))
            .ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.OrdinalIgnoreCase));
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(json);
    }
}
