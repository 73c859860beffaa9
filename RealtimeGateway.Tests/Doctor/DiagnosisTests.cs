using System.Security.Authentication;
using RealtimeGateway.Credentials;
using RealtimeGateway.Doctor;
using RealtimeGateway.Proxy;
using RealtimeGateway.Sessions;
using RealtimeGateway.Sockets;
using RealtimeGateway.Web;

namespace RealtimeGateway.Tests.Doctor;

/// <summary>What a run against a simulated resource cannot bring about is judged here.</summary>
public sealed class DiagnosisTests
{
    public static TheoryData<Exception, string> Exceptions => new()
    {
        { new HttpRequestException(HttpRequestError.NameResolutionError), "name_resolution" },
        { new HttpRequestException(HttpRequestError.SecureConnectionError, inner: new AuthenticationException("ek_canary")), "tls" },
        { new HttpRequestException(HttpRequestError.ProxyTunnelError), "proxy" },
        { new HttpRequestException(HttpRequestError.ConnectionError), "refused" },
        { new HttpRequestException(HttpRequestError.ResponseEnded), "reset" },
        { new System.Net.WebSockets.WebSocketException("", new HttpRequestException(HttpRequestError.NameResolutionError)), "name_resolution" },
        { new System.Net.WebSockets.WebSocketException(""), "reset" },
        { new TaskCanceledException("", new TimeoutException()), "connect_timeout" },
        { new OperationCanceledException(), "timeout" },
        { new IOException("ek_canary"), "reset" },
        { new CredentialAwayException("west", "CredentialUnavailableException"), "no_token" },
        { new SessionRefusedException(new(FailureKind.Rejected, "unknown_parameter", GatewayError.UpstreamMisconfigured)), "session_refused" },
        { new SessionRefusedException(new(FailureKind.Throttled, "rate_limit_exceeded", GatewayError.UpstreamRateLimited)), "429" },
        { new SessionRefusedException(UpstreamFailure.Unreadable), "unreadable" },
    };

    [Theory]
    [MemberData(nameof(Exceptions))]
    public void What_became_of_a_connection_has_a_word_and_no_text_of_others(Exception exception, string word)
    {
        var seen = Trouble.Of(exception)!;

        Assert.Equal(word, seen.Trouble);
        Assert.DoesNotContain("canary", $"{seen}", StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_about_the_destination_has_none() => Assert.Null(Trouble.Of(new ArgumentNullException()));

    [Theory]
    [InlineData("mint", "PermissionDenied", 401, "Entra", "has no role", "role assignment Cognitive Services OpenAI User on the resource, for the identity of {credential}:Entra")]
    [InlineData("mint", "401", 401, "Entra", "another audience", "{credential}:Entra:Scope; {credential}:Entra:TenantId")]
    [InlineData("mint", "401", 401, "None", "has no credential", "{destination}:Metadata:Credential")]
    [InlineData("mint", "no_token", 0, "Entra", "gives no token", "{credential}:Entra:ClientId; {credential}:Entra:TenantId")]
    [InlineData("connection", "name_resolution", 0, "Key", "misspelt resource", "{destination}:Address")]
    [InlineData("connection", "proxy", 0, "Key", "outbound proxy", "{cluster}:HttpClient:WebProxy:Address")]
    [InlineData("connection", "connect_timeout", 0, "Key", "firewall", "{cluster}:HttpClient:WebProxy:Address; {cluster}:Metadata:ConnectTimeout")]
    [InlineData("socket", "426", 426, "Key", "does not pass WebSockets", "{cluster}:HttpClient:WebProxy:Address")]
    [InlineData("socket", "200", 200, "Key", "does not pass WebSockets", "{cluster}:HttpClient:WebProxy:Address")]
    [InlineData("socket", "session_refused", 0, "Key", "does not take the session", "{member}")]
    [InlineData("socket", "429", 429, "Key", "quota", "the deployment's quota in Azure; {destination}:Metadata:Priority, with a destination in another region beside this one")]
    [InlineData("mint", "unreadable", 200, "Key", "not the service's", "{destination}:Address")]
    [InlineData("mint", "OperationNotSupported", 400, "Key", "no realtime model", "{destination}:Metadata:Deployment")]
    [InlineData("call", "418", 418, "Key", "Nothing that the gateway knows", "none of the gateway's; ask Azure support with the apim-request-id")]
    public void Trouble_has_a_cause_and_a_setting(string check, string word, int status, string kind, string cause, string setting)
    {
        var diagnosis = Diagnosis.Of(check, word, status, Enum.Parse<CredentialKind>(kind));

        Assert.Contains(cause, diagnosis.Cause, StringComparison.Ordinal);
        Assert.Equal(setting, diagnosis.Setting);
    }

    [Fact]
    public void Every_setting_that_is_named_exists()
    {
        var known = DestinationReader.KnownMetadata.Select(name => "{destination}:Metadata:" + name)
            .Concat(ClusterRules.KnownMetadata.Select(name => "{cluster}:Metadata:" + name))
            .Concat(typeof(EntraOptions).GetProperties().Select(property => "{credential}:Entra:" + property.Name))
            .Concat(typeof(ApiKeyOptions).GetProperties().Select(property => "{credential}:ApiKey:" + property.Name))
            .Concat(typeof(SessionProfileOptions).GetProperties().Select(property => "{profile}:" + property.Name))
            .Concat(["{destination}:Address", "{cluster}:HttpClient:WebProxy:Address", "{credential}:Entra", "{credential}:ApiKey", "{member}", "{timeout}"])
            .ToHashSet(StringComparer.Ordinal);

        var named = Diagnosis.All.SelectMany(row => row.Setting.Split(' ', ',', ';')).Where(word => word.StartsWith('{')).ToArray();

        Assert.NotEmpty(named);
        Assert.All(named, setting => Assert.Contains(setting, known));
    }

    [Fact]
    public void A_hang_up_that_is_refused_is_not_blamed_on_the_deployment_that_has_just_minted() =>
        Assert.StartsWith("Nothing hangs up at this path", Diagnosis.Of(CheckNames.HangUp, "DeploymentNotFound", 404, CredentialKind.Key).Cause, StringComparison.Ordinal);

    [Fact]
    public void No_row_stands_behind_one_that_takes_all_of_its_cases()
    {
        var rows = Diagnosis.All.ToArray();

        Assert.All(rows.Index(), row => Assert.DoesNotContain(
            rows[..row.Index],
            before => (before.When == row.Item.When || (before.When.EndsWith("xx", StringComparison.Ordinal) && row.Item.When.Length == 3 && before.When[0] == row.Item.When[0])) && (before.Check ?? row.Item.Check) == row.Item.Check && (before.Uses ?? row.Item.Uses) == row.Item.Uses));
    }
}
