using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using RealtimeGateway.Tests.Infrastructure;
using Yarp.ReverseProxy.Model;

namespace RealtimeGateway.Tests.Configuration;

public sealed class StartTests
{
    private static readonly Dictionary<string, string?> Nothing = [];

    private static readonly Dictionary<string, string?> Resource = new()
    {
        ["AZURE_OPENAI_ENDPOINT"] = "https://resource.openai.azure.com",
        ["AZURE_OPENAI_API_KEY"] = Gateway.Key,
    };

    [Fact]
    public void Production_without_an_upstream_refuses_to_start_and_names_what_is_missing()
    {
        var refusal = Gateway.RefusalToStart(Nothing, environment: "Production");

        Assert.Contains("AZURE_OPENAI_ENDPOINT, AZURE_OPENAI_API_KEY, AZURE_OPENAI_DEPLOYMENT: are missing", refusal, StringComparison.Ordinal);
        Assert.Contains(
            "Callers: says nobody who may call: add Callers:Keys or Callers:Jwt, or let everybody in on purpose (Callers__AllowAnonymous=true)", refusal, StringComparison.Ordinal);
        Assert.Contains("has 2 fault(s)", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AZURE_OPENAI_API_KEY", "", "AZURE_OPENAI_API_KEY: is missing")]
    [InlineData("AZURE_OPENAI_ENDPOINT", "", "AZURE_OPENAI_ENDPOINT: is missing")]
    [InlineData("AZURE_OPENAI_ENDPOINT", "http://resource.openai.azure.com", "must be https")]
    [InlineData("AZURE_OPENAI_ENDPOINT", "resource", "must be an absolute https address")]
    [InlineData("AZURE_OPENAI_API_VERSION", "2024-10-21", "AZURE_OPENAI_API_VERSION = \"2024-10-21\": must be empty or v1")]
    [InlineData("AZURE_OPENAI_API_VERSION", "2025-04-01-preview", "AZURE_OPENAI_WEBRTC_URL: is missing")]
    [InlineData("AZURE_OPENAI_WEBRTC_URL", "https://eastus2.realtimeapi-preview.ai.azure.com/v1/realtimertc", "AZURE_OPENAI_WEBRTC_URL = \"https://eastus2")]
    [InlineData("urls", "http://0.0.0.0:0", "Callers:AllowAnonymous = \"false\": the gateway would mint for anybody who can reach http://0.0.0.0:0")]
    [InlineData("Kestrel:Endpoints:web:Url", "http://*:0", "anybody who can reach http://*:0")]
    public void A_wrong_variable_is_named(string name, string value, string expected)
    {
        var refusal = Gateway.RefusalToStart(new Dictionary<string, string?>(Resource) { [name] = value });

        Assert.Contains(expected, refusal, StringComparison.Ordinal);
        Assert.DoesNotContain(Gateway.Key, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Variables_and_destinations_in_the_file_at_once_are_a_mistake()
    {
        var refusal = Gateway.RefusalToStart(Resource, settings => settings.Set(
            "ReverseProxy:Clusters:azureopenai:Destinations", """{ "west": { "Address": "https://west.openai.azure.com" } }"""));

        Assert.Contains("AZURE_OPENAI_ENDPOINT, AZURE_OPENAI_API_KEY: the configuration file defines destinations too", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ReverseProxy:Routes:sessions:Transforms:0", """{ "PathSett": "/x" }""", "ReverseProxy:Routes:sessions: Unknown transform: PathSett")]
    [InlineData("ReverseProxy:Routes:sessions:Transforms:1", """{ "SessionProfile": "nobody" }""", "SessionProfile \"nobody\" names no usable profile; known: assistant")]
    [InlineData("ReverseProxy:Routes:sessions:Transforms:2", """{ "SessionResponse": "xml" }""", "SessionResponse \"xml\" must be one of: session")]
    [InlineData("ReverseProxy:Routes:sessions:ClusterId", "\"elsewhere\"", "ReverseProxy:Routes:sessions:ClusterId = \"elsewhere\": names no cluster")]
    [InlineData("ReverseProxy:Routes:sessions:Mach", "{}", "ReverseProxy:Routes:sessions:Mach: is not a known key")]
    [InlineData("ReverseProxy:Routes:sessions:Match:Methodz", "[]", "ReverseProxy:Routes:sessions:Match:Methodz: is not a known key")]
    [InlineData("ReverseProxy:Routes:sessions:MaxRequestBodySize", "\"banana\"", "ReverseProxy:Routes:sessions:MaxRequestBodySize = \"banana\": must be a whole number")]
    [InlineData("ReverseProxy:Routes:sessions:Order", "\"\"", "ReverseProxy:Routes:sessions:Order = \"\": must be a whole number")]
    [InlineData("ReverseProxy:Clusters:azureopenai:HttpRequest", """{ "Version": "new" }""", "HttpRequest:Version = \"new\": must be a version such as 2")]
    [InlineData("ReverseProxy:Clusters:azureopenai:HttpClient", """{ "WebProxy": { "Address": "proxy" } }""", "HttpClient:WebProxy:Address = \"proxy\": must be an absolute address")]
    [InlineData("ReverseProxy:Clusters:azureopenai:HttpClient", """{ "SslProtocols": [ "Tls12", "Tls14" ] }""", "HttpClient:SslProtocols:1 = \"Tls14\": must be one of None, Ssl2")]
    [InlineData("ReverseProxy:Routes:sessions:Timeout", "\"00:00:05\"", "use Metadata:Timeout instead")]
    [InlineData("ReverseProxy:Routes:sessions:Metadata:Timeout", "\"soon\"", "Metadata:Timeout = \"soon\": must be a time span")]
    [InlineData("ReverseProxy:Routes:sessions:Metadata:Limit", "\"nobody\"", "Metadata:Limit = \"nobody\": names no entry of section Limits")]
    [InlineData("ReverseProxy:Routes:sessions:Metadata:Limits", "\"sessions\"", "Metadata:Limits: is not a known key")]
    [InlineData("ReverseProxy:Routes:sessions:AuthorizationPolicy", "\"default\"", "AuthorizationPolicy = \"default\": is not supported")]
    [InlineData("ReverseProxy:Routes:sessions:CorsPolicy", "\"disable\"", "CorsPolicy = \"disable\": names no entry of section Cors")]
    [InlineData("ReverseProxy:Routes:sessions:RateLimiterPolicy", "\"disable\"", "RateLimiterPolicy = \"disable\": is not supported")]
    [InlineData("ReverseProxy:Routes:sessions:Match:Methods:0", "\"TRACE\"", "Match:Methods = \"TRACE\": is not forwarded with a credential")]
    [InlineData("ReverseProxy:Routes:sessions:Match:Path", "\"/health/ready\"", "Match:Path = \"/health/ready\": belongs to the gateway itself")]
    [InlineData("ReverseProxy:Routes:twin", """{ "ClusterId": "azureopenai", "Match": { "Path": "/Sessions/" } }""", "matches the same requests as route sessions")]
    [InlineData("ReverseProxy:Clusters:azureopenai:HttpClient", """{ "DangerousAcceptAnyServerCertificate": true }""", "would send credentials to anybody")]
    [InlineData("ReverseProxy:Clusters:azureopenai:HttpClient", """{ "WebProxy": { "Address": "http://user:word@proxy.example:8080" } }""", "HttpClient:WebProxy:Address: must be an address without user information")]
    [InlineData("ReverseProxy:Routes", "{}", "ReverseProxy:Routes: holds no route")]
    [InlineData("ReverseProxy:Clusters:azureopenai:HttpClient", """{ "MaxConnections": 5 }""", "HttpClient:MaxConnections: is not a known key")]
    [InlineData("Limits:sessions:Permits", "0", "Limits:sessions:Permits = \"0\": must be between 1 and 1000000")]
    [InlineData("Limits:sessions:Kind", "\"leaky_bucket\"", "Limits:sessions:Kind = \"leaky_bucket\": must be one of fixed_window, sliding_window, token_bucket, concurrency")]
    [InlineData("Limits:sessions:By", "\"country\"", "Limits:sessions:By = \"country\": must be one of caller, address, profile, global")]
    [InlineData("Limits:sessions:WithoutRedis", "\"open\"", "Limits:sessions:WithoutRedis = \"open\": must be one of local, closed")]
    [InlineData("Limits:sessions:Burst", "0", "Limits:sessions:Burst = \"0\": must be between 1 and 1000000")]
    [InlineData("Limits:sessionsperday:Burst", "5", "Limits:sessionsperday:Burst = \"5\": belongs to token_bucket only")]
    [InlineData("Limits:sessionsatonce:Permits", "200000", "Limits:sessionsatonce:Permits = \"200000\": must be between 1 and 100000 for concurrency")]
    [InlineData("Limits:sessions:Permitz", "1", "Limits:sessions:Permitz: is not a known key")]
    [InlineData("ReverseProxy:Routes:sessions:Metadata:Limit", "\"sessions; nobody\"", "Metadata:Limit = \"nobody\": names no entry of section Limits")]
    [InlineData("ReverseProxy:Routes:sessions:Metadata:Limit", "\" ; \"", "must name entries of section Limits, separated by semicolons")]
    [InlineData("Redis", """{ "Connection": "redis:6379", "Timeout": "00:01:00" }""", "Redis:Timeout = \"00:01:00\": must be between 00:00:00.010 and 00:00:10")]
    [InlineData("Redis", """{ "Connection": "redis:6379", "KeyPrefix": "a b" }""", "Redis:KeyPrefix = \"a b\": must match")]
    [InlineData("Limits:sessions:Window", "\"banana\"", "Limits:sessions:Window = \"banana\": must be a time span")]
    [InlineData("Callers", """{ "Keys": "rgk_in-the-wrong-place" }""", "Callers:Keys: must be a group of keys")]
    [InlineData("Credentials", """{ "default": { "ApiKey": "the-real-key-0123456789" } }""", "Credentials:default:ApiKey: must be a group of keys")]
    [InlineData("Realtime:Profile", "{}", "Realtime:Profile: is not a known key")]
    [InlineData("Realtime:Profiles:assistant:Voice", "\"robot\"", "Realtime:Profiles:assistant:Voice = \"robot\": must be one of Voices")]
    [InlineData("Realtime:Profiles:assistant:Models", "[]", "Realtime:Profiles:assistant:Models: needs at least 1 entries")]
    [InlineData("Realtime:Profiles:assistant:Models", """[ "a", "a" ]""", "Realtime:Profiles:assistant:Models = \"a\": stands twice in the list")]
    [InlineData("Realtime:Profiles:assistant:Voices:1", "\"\"", "Realtime:Profiles:assistant:Voices: holds an empty name")]
    [InlineData("Realtime:Profiles:assistant:SecretLifetimeSeconds", "5", "SecretLifetimeSeconds = \"5\": must be between 10 and 7200")]
    [InlineData("Realtime:Profiles:assistant:MaxOutputTokens", "\"many\"", "MaxOutputTokens = \"many\": must be a whole number")]
    [InlineData("Realtime:Profiles:assistant:NoiseReduction", "\"middle\"", "NoiseReduction = \"middle\": must be one of near_field, far_field")]
    [InlineData("Realtime:Profiles:assistant:ClientMaySet:0", "\"temperature\"", "ClientMaySet:0 = \"temperature\": must be one of model, voice, instructions, modalities, tools")]
    [InlineData("Realtime:Profiles:assistant:Tools:1:Name", "\"getPageHTML\"", "Realtime:Profiles:assistant:Tools = \"getPageHTML\": two tools have this name")]
    [InlineData("Realtime:Profiles:assistant:Tools:1:Name", "\"a b\"", "Tools:1:Name = \"a b\": must match")]
    [InlineData("Realtime:Profiles:assistant:Tools:1:Parameters", "\"{\"", "Tools:1:Parameters: is not valid JSON")]
    [InlineData("Realtime:Profiles:assistant:TurnDetection", """{ "Type": "semantic_vad", "Threshold": 0.5 }""", "TurnDetection:Type = \"semantic_vad\": Threshold")]
    [InlineData("Realtime:Profiles:assistant:TurnDetection", """{ "Type": "server_vad", "Eagerness": "low" }""", "TurnDetection:Eagerness: belongs to semantic_vad only")]
    public void A_mistake_in_the_file_is_named_with_key_value_and_rule(string path, string json, string expected)
    {
        var refusal = Gateway.RefusalToStart(Resource, settings => settings.Set(path, json));

        Assert.Contains(expected, refusal, StringComparison.Ordinal);
        Assert.DoesNotContain(Gateway.Key, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_limit_by_profile_needs_a_route_with_a_profile() => Assert.Contains(
        "ReverseProxy:Routes:chat:Metadata:Limit = \"sessions\": counts by profile, and this route has no SessionProfile",
        Gateway.RefusalToStart(Resource, settings =>
        {
            settings.AddChatRoute();
            settings.Set("ReverseProxy:Routes:chat:Metadata", """{ "Limit": "sessions" }""");
            settings.Set("Limits:sessions:By", "\"profile\"");
        }),
        StringComparison.Ordinal);

    [Fact]
    public async Task No_route_takes_a_path_of_the_gateways_own()
    {
        await using var gateway = Gateway.Start(Resource);
        var own = gateway.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<RouteModel>() is null)
            .Select(endpoint => $"/{endpoint.RoutePattern.RawText!.Trim('/')}")
            .Distinct()
            .ToArray();

        var refusal = Gateway.RefusalToStart(Resource, settings =>
        {
            foreach (var (number, path) in own.Index())
                settings.Set($"ReverseProxy:Routes:own{number}", $$"""{ "ClusterId": "azureopenai", "Match": { "Path": "{{path}}" } }""");
        });

        Assert.Contains("/telemetry/webrtc", own);
        Assert.All(own, path => Assert.Contains($"Match:Path = \"{path}\": belongs to the gateway itself", refusal, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{ "RequestHeadersCopy": "true" }""", "transform RequestHeadersCopy would pass on the caller's headers")]
    [InlineData("""{ "ResponseHeadersCopy": "true" }""", "transform ResponseHeadersCopy would pass on the upstream's headers")]
    [InlineData("""{ "ResponseTrailersCopy": "true" }""", "transform ResponseTrailersCopy would pass on the upstream's trailers")]
    [InlineData("""{ "RequestHeaderOriginalHost": "true" }""", "transform RequestHeaderOriginalHost would pass on the gateway's host name")]
    [InlineData("""{ "X-Forwarded": "Set" }""", "transform X-Forwarded would pass on the caller's address")]
    [InlineData("""{ "Forwarded": "for" }""", "transform Forwarded would pass on the caller's address")]
    [InlineData("""{ "HttpMethodChange": "POST", "Set": "TRACE" }""", "Transforms:3:Set = \"TRACE\": is not forwarded with a credential; allowed: GET, HEAD, POST, PUT, PATCH, DELETE")]
    [InlineData("""{ "httpmethodchange": "POST", "set": "connect" }""", "= \"connect\": is not forwarded with a credential")]
    [InlineData("""{ "RequestHeadersAllowed": "OpenAI-Beta;Authorization" }""", "RequestHeadersAllowed names Authorization")]
    [InlineData("""{ "RequestHeadersAllowed": "Sec-WebSocket-Protocol" }""", "RequestHeadersAllowed names Sec-WebSocket-Protocol")]
    [InlineData("""{ "ResponseHeadersAllowed": "Set-Cookie;x-ms-region" }""", "ResponseHeadersAllowed names x-ms-region")]
    [InlineData("""{ "ResponseHeadersAllowed": "x-kept;operation-location" }""", "ResponseHeadersAllowed names operation-location")]
    [InlineData("""{ "ResponseHeadersAllowed": "Content-Location" }""", "ResponseHeadersAllowed names Content-Location")]
    [InlineData("""{ "ResponseHeadersAllowed": "Link" }""", "ResponseHeadersAllowed names Link, which never reaches a caller")]
    [InlineData("""{ "ClientCert": "X-Client-Cert" }""", "transform ClientCert would pass on the caller's certificate")]
    [InlineData("""{ "RequestHeader": "api-key", "Set": "a-key" }""", "a transform sets api-key")]
    [InlineData("""{ "requestheader": "API-KEY", "set": "a-key" }""", "a transform sets API-KEY")]
    [InlineData("""{ "queryvalueparameter": "api-key", "set": "a-key" }""", "a transform sets api-key")]
    [InlineData("""{ "requestheaderscopy": "true" }""", "transform requestheaderscopy would pass on the caller's headers")]
    [InlineData("""{ "requestheadersallowed": "authorization" }""", "RequestHeadersAllowed names authorization")]
    [InlineData("""{ "RequestHeader": "Authorization", "Append": "x" }""", "a transform sets Authorization")]
    [InlineData("""{ "QueryValueParameter": "api-key", "Set": "a-key" }""", "a transform sets api-key")]
    [InlineData("""{ "QueryAllowed": "after;api-key" }""", "QueryAllowed names api-key")]
    [InlineData("""{ "QueryAllowed": "" }""", "QueryAllowed must name query values")]
    [InlineData("""{ "QueryAllowed": null }""", "QueryAllowed must name query values")]
    [InlineData("""{ "SessionProfile": null }""", "SessionProfile \"\" names no usable profile")]
    public void A_transform_that_would_undo_the_protection_is_refused(string transform, string expected) => Assert.Contains(
        expected, Gateway.RefusalToStart(Resource, settings => settings.Transform("sessions", transform)), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{ "Address": "https://w.openai.azure.com", "Metadata": { "Credential": "nobody" } }""", "Metadata:Credential = \"nobody\": names no usable entry of section Credentials")]
    [InlineData("""{ "Address": "https://w.openai.azure.com", "Metadata": { "Deploymnet": "x" } }""", "Metadata:Deploymnet: is not a known key")]
    [InlineData("""{ "Address": "https://w.openai.azure.com", "Metadata": { "Protocol": "beta" } }""", "Metadata:Protocol = \"beta\": must be one of ga, preview")]
    [InlineData("""{ "Address": "https://w.openai.azure.com", "Metadata": { "Protocol": "preview" } }""", "Metadata:ApiVersion: is required by the preview protocol")]
    [InlineData("""{ "Address": "https://w.openai.azure.com", "Metadata": { "ApiVersion": "v1" } }""", "Metadata:ApiVersion = \"v1\": belongs to the preview protocol only")]
    [InlineData("""{ "Address": "https://w.openai.azure.com", "Metadata": { "WebRtcUrl": "http://w.example" } }""", "Metadata:WebRtcUrl = \"http://w.example\": must be https")]
    [InlineData("""{ "Address": "https://user:pass@w.openai.azure.com" }""", "Destinations:west:Address: must be an absolute https address")]
    [InlineData("""{ "Address": "https://w.openai.azure.com/openai/realtime?deployment=d" }""", "must be the resource alone, without query and fragment")]
    public void A_mistake_in_a_destination_is_named(string destination, string expected) => Assert.Contains(
        expected,
        Gateway.RefusalToStart(Nothing, settings => settings.Set("ReverseProxy:Clusters:azureopenai:Destinations", $$"""{ "west": {{destination}} }""")),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("http_ports")]
    [InlineData("https_ports")]
    public void A_port_for_everybody_is_an_open_listener(string name)
    {
        var refusal = Gateway.RefusalToStart(new Dictionary<string, string?>(Resource) { ["urls"] = "", [name] = "0" });

        Assert.Contains($"{name[..^6]}://*:0", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_in_the_place_of_the_endpoint_is_not_repeated() => Assert.DoesNotContain(
        Gateway.Key, Gateway.RefusalToStart(new Dictionary<string, string?>(Resource) { ["AZURE_OPENAI_ENDPOINT"] = Gateway.Key }), StringComparison.Ordinal);

    [Theory]
    [InlineData("SessionProfile", "SessionProfile needs SessionResponse on the same route")]
    [InlineData("SessionResponse", "SessionResponse needs SessionProfile on the same route")]
    public void The_two_session_transforms_belong_together(string kept, string expected)
    {
        var refusal = Gateway.RefusalToStart(Resource, settings =>
        {
            var transforms = settings["ReverseProxy"]!["Routes"]!["sessions"]!["Transforms"]!.AsArray();
            foreach (var other in transforms.Where(transform => transform!.AsObject().Single().Key is not ("PathSet" or "QueryRemoveParameter") && !transform.AsObject().ContainsKey(kept)).ToArray())
                transforms.Remove(other);
        });

        Assert.Contains(expected, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Minting_needs_a_destination_with_a_credential() => Assert.Contains(
        "SessionProfile needs a cluster whose destinations have a credential",
        Gateway.RefusalToStart(Nothing, settings => settings.Set("ReverseProxy:Clusters:azureopenai:Destinations", """{ "west": { "Address": "https://w.openai.azure.com" } }""")),
        StringComparison.Ordinal);

    [Fact]
    public void A_file_that_cannot_be_parsed_ends_the_start_without_a_stack_trace()
    {
        using var folder = new SettingsFolder(change: null);
        folder.Write("{ oops");

        Assert.False(RealtimeGateway.Configuration.ContentRoot.TryCreateBuilder([$"--contentRoot={folder.Path}"], out _));
    }

    [Fact]
    public void A_folder_that_is_not_there_ends_the_start_without_a_stack_trace() =>
        Assert.False(RealtimeGateway.Configuration.ContentRoot.TryCreateBuilder(["--contentRoot=/no/such/folder"], out _));

    [Theory]
    [InlineData("ReverseProxy:Routes:sessions:Order", "-1")]
    [InlineData("ReverseProxy:Routes:sessions:MaxRequestBodySize", "-1")]
    [InlineData("ReverseProxy:Clusters:azureopenai:HttpRequest", """{ "ActivityTimeout": "1:00", "Version": 2, "VersionPolicy": "requestversionexact" }""")]
    [InlineData("ReverseProxy:Clusters:azureopenai:HttpClient", """{ "SslProtocols": [ "tls12", "Tls13" ], "EnableMultipleHttp2Connections": true }""")]
    public async Task What_YARP_can_read_is_not_refused(string path, string json)
    {
        await using var gateway = Gateway.Start(Resource, settings => settings.Set(path, json));

        Assert.True(gateway.Services.GetService(typeof(RealtimeGateway.Health.Readiness)) is RealtimeGateway.Health.Readiness { IsReady: true });
    }

    [Fact]
    public void Every_fault_is_named_at_once()
    {
        var refusal = Gateway.RefusalToStart(Resource, settings =>
        {
            settings.Set("Realtime:Profiles:assistant:Voice", "\"robot\"");
            settings.Set("Realtime:Profiles:assistant:SecretLifetimeSeconds", "5");
            settings.Set("ReverseProxy:Routes:sessions:ClusterId", "\"elsewhere\"");
            settings.Set("Limits:sessions:Permits", "-1");
            settings.Transform("sessions", """{ "PathSett": "/x" }""");
        });

        Assert.All(["robot", "between 10 and 7200", "elsewhere", "\"-1\"", "PathSett"], part => Assert.Contains(part, refusal, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_open_listener_serves_when_it_was_opened_on_purpose()
    {
        await using var gateway = Gateway.Start(new Dictionary<string, string?>(Resource)
        {
            ["Kestrel:Endpoints:web:Url"] = "http://*:0",
            ["Callers:AllowAnonymous"] = "true",
        });

        gateway.Announce("Overriding address(es)"); // the test's own urls, which give way

        Assert.True(gateway.Services.GetService(typeof(RealtimeGateway.Health.Readiness)) is RealtimeGateway.Health.Readiness { IsReady: true });
    }

    [Theory]
    [InlineData("https://resource.openai.azure.com")]
    [InlineData("https://resource.openai.azure.com/")]
    [InlineData("https://resource.openai.azure.com/openai/v1")]
    [InlineData("https://resource.openai.azure.com/openai/v1/")]
    [InlineData(" https://resource.openai.azure.com/openai ")]
    public async Task The_endpoint_may_be_the_resource_or_the_base_URL_of_an_SDK(string endpoint)
    {
        await using var gateway = Gateway.StartWith(endpoint);

        Assert.Equal("https://resource.openai.azure.com/", gateway.OnlyDestination().Address.AbsoluteUri);
        Assert.Equal("https://resource.openai.azure.com/openai/v1/realtime/calls", gateway.OnlyDestination().WebRtcUrl);
    }

    [Fact]
    public async Task Destinations_and_credentials_may_stand_in_the_file()
    {
        await using var gateway = Gateway.Start(
            new Dictionary<string, string?> { ["Credentials:west:ApiKey:Primary"] = Gateway.Key },
            settings => settings.Set("ReverseProxy:Clusters:azureopenai:Destinations", """
                { "west": { "Address": "https://west.openai.azure.com", "Metadata": { "Credential": "west", "Deployment": "d" } } }
                """));

        var destination = gateway.OnlyDestination();
        Assert.Equal(("west", "d", "west: ***"), (destination.Name, destination.Deployment, destination.Credential?.ToString()));
    }
}
