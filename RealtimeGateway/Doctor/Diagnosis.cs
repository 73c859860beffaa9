namespace RealtimeGateway.Doctor;

/// <summary>
/// From what is wrong to the likely cause and the setting to change, as data. The first row that fits counts, so the narrower one stands first.
/// </summary>
/// <param name="Check">Only for this check; <c>null</c> for any.</param>
/// <param name="When">The word of <see cref="Trouble"/>, a code of the service, a status, or a class of them (<c>5xx</c>).</param>
/// <param name="Uses">Only where the destination's credential is of this kind; <c>null</c> for any.</param>
/// <param name="Cause">What is likely the reason.</param>
/// <param name="Setting">Where to change it; for names in braces see <see cref="SettingNames"/>.</param>
internal sealed record Diagnosis(string? Check, string When, CredentialKind? Uses, string Cause, string Setting)
{
    private const string? Any = null;
    private const string Address = "{destination}:Address";
    private const string Deployment = "{destination}:Metadata:Deployment";
    private const string Key = "{credential}:ApiKey:Primary";
    private const string WebProxy = "{cluster}:HttpClient:WebProxy:Address";
    private const string Region = "{destination}:Metadata:Priority, with a destination in another region beside this one";
    private const string Blocked = "The resource mints, but no socket comes through: a proxy, firewall or load balancer on the way does not pass WebSockets.";

    private static readonly Diagnosis[] Table =
    [
        // The way to the resource.
        new(Any, Trouble.NameResolution, null, "No host of that name is known here: a misspelt resource, or a private endpoint whose DNS zone this network does not have.", Address),
        new(Any, Trouble.Refused, null, "Nobody takes a connection at that address and port, or at those of the outbound proxy: a wrong host, or a firewall that refuses.", $"{Address}; {WebProxy}"),
        new(Any, Trouble.ConnectTimeout, null, "No connection in time: a firewall drops it, or the only way out is a proxy.", $"{WebProxy}; {{cluster}}:Metadata:ConnectTimeout"),
        new(Any, Trouble.Tls, null, "The certificate is not trusted, or not for this host: a proxy that looks into TLS, or an authority of your own. Or the port speaks no TLS.", $"{{cluster}}:Metadata:CertificateAuthority; {Address}"),
        new(Any, Trouble.Proxy, null, "The outbound proxy lets nothing through to the resource.", WebProxy),
        new(Any, "407", null, "The outbound proxy wants to know who asks; the gateway sends no credential to proxies.", WebProxy),
        new(Any, Trouble.Timeout, null, "A connection, but no answer in the time that the gateway gives: the resource is overloaded, or something on the way holds the answer back.", "{timeout}"),
        new(CheckNames.Socket, Trouble.Reset, null, "The socket was cut off before the session was confirmed: a proxy on the way ends it, or the resource does.", WebProxy),
        new(Any, Trouble.Reset, null, "The connection was cut off before the answer was complete: a proxy or firewall on the way, or the resource in trouble.", WebProxy),

        // Who asks.
        new(Any, Trouble.SpareKey, null, "The primary key is refused: it has been regenerated, or is of another resource.", Key),
        new(Any, Trouble.NoToken, null, "Entra ID gives no token: no managed identity here, a workload identity that is not federated, or no az login in Development.", "{credential}:Entra:ClientId; {credential}:Entra:TenantId"),
        new(Any, "PermissionDenied", CredentialKind.Entra, "The identity has no role that allows this. A new role takes about five minutes.", "role assignment Cognitive Services OpenAI User on the resource, for the identity of {credential}:Entra"),
        new(CheckNames.Call, "401", null, "The resource does not take the secret that it has just minted: several resources behind one address.", Address),
        new(Any, "401", CredentialKind.Entra, "The token is for another audience or tenant.", "{credential}:Entra:Scope; {credential}:Entra:TenantId"),
        new(Any, "401", CredentialKind.Key, "The key is wrong, has been regenerated, or is of another resource.", Key),
        new(Any, "401", null, "The destination has no credential.", "{destination}:Metadata:Credential"),
        new(Any, "AuthenticationTypeDisabled", null, "The resource takes no keys (disableLocalAuth).", "{credential}:Entra, in place of {credential}:ApiKey"),
        new(CheckNames.Socket, "403", null, Blocked, WebProxy),
        new(CheckNames.Sideband, "403", null, Blocked, WebProxy),
        new(Any, "403", null, "A network rule of the resource does not admit this address, or the subscription is blocked.", "Networking of the resource in Azure, or its private endpoint as {destination}:Address"),

        // What is asked.
        new(CheckNames.HangUp, Trouble.Gone, null, "The resource does not know the call that it has just begun: several resources behind one address, or no hang-up here. The call may go on.", Address),
        new(CheckNames.HangUp, "404", null, "Nothing hangs up at this path: a proxy on the way, or a resource without calls. The call may go on.", Address),
        new(Any, "DeploymentNotFound", null, "The resource has no deployment of this name, or has had it for less than a few minutes.", Deployment),
        new(Any, "OperationNotSupported", null, "The deployment is of a model that is no realtime model.", Deployment),
        new(CheckNames.Mint, "404", null, "Nothing mints at this path: the address is no Azure OpenAI resource or more than the resource alone, the region has no realtime, or the resource speaks the other protocol or another api-version.", "{destination}:Address; {destination}:Metadata:Protocol"),
        new(CheckNames.Socket, "404", null, "Sockets know no such deployment, or this address has no sockets.", Deployment),
        new(CheckNames.Call, "404", null, "This address takes no calls: the region may not have WebRTC.", Address),
        new(CheckNames.Sideband, "404", null, "The resource does not know the call that it has just begun: several resources behind one address.", Address),
        new(CheckNames.Mint, "content_filter", null, "The content filter refuses the profile's instructions.", "{profile}:Instructions"),
        new(CheckNames.Mint, "400", null, "The resource does not take the session of the profile.", "{member}"),
        new(CheckNames.Socket, Trouble.SessionRefused, null, "The socket opens, but the resource does not take the session of the profile.", "{member}"),
        new(CheckNames.Call, "400", null, "The resource does not take an offer of audio and a data channel.", "none of the gateway's; ask Azure support with the apim-request-id"),
        new(CheckNames.Call, Trouble.NoLocation, null, "The answer does not name the call, so that the gateway cannot hang up: something on the way removes Location.", Address),

        // How it is.
        new(Any, "429", null, "The quota of the deployment (requests per minute) is used up, or the region has no capacity at the moment.", $"the deployment's quota in Azure; {Region}"),
        new(Any, "431", null, "Too many headers: a proxy on the way adds its own.", WebProxy),
        new(Any, "no_media_peer", null, "The simulator has no browser that could answer the offer.", "Simulator:CannedAnswers"),
        new(CheckNames.Socket, "502", null, Blocked, WebProxy),
        new(CheckNames.Sideband, "502", null, Blocked, WebProxy),
        new(CheckNames.Socket, "2xx", null, Blocked, WebProxy),
        new(CheckNames.Sideband, "2xx", null, Blocked, WebProxy),
        new(CheckNames.Socket, "4xx", null, Blocked, WebProxy),
        new(CheckNames.Sideband, "4xx", null, Blocked, WebProxy),
        new(Any, "3xx", null, "The address is not the resource's own: it leads elsewhere, and the gateway follows nobody with a credential.", Address),
        new(Any, "5xx", null, "The resource is in trouble, or its region.", Region),
        new(Any, Trouble.Unreadable, null, "The answer is not the service's: a proxy, a log-in page or another API answers at this address.", Address),
    ];

    internal static IEnumerable<Diagnosis> All => Table;

    private static readonly Diagnosis Unknown =
        new(Any, "", null, "Nothing that the gateway knows.", "none of the gateway's; ask Azure support with the apim-request-id");

    /// <param name="word">What is wrong.</param>
    /// <param name="status">0 without an answer.</param>
    public static Diagnosis Of(string check, string word, int status, CredentialKind kind)
    {
        string[] names = status > 0 ? [word, $"{status}", $"{status / 100}xx"] : [word];
        return Array.Find(Table, row => (row.Check ?? check) == check && (row.Uses ?? kind) == kind && names.Contains(row.When)) ?? Unknown;
    }
}

/// <summary>What kind of credential a destination has.</summary>
internal enum CredentialKind
{
    None,
    Key,
    Entra,
}
