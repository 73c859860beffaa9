using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using RealtimeGateway.Configuration;
using RealtimeGateway.Proxy.Transforms;
using RealtimeGateway.Sessions;
using RealtimeGateway.Sockets;
using Scalar.AspNetCore;
using Yarp.ReverseProxy.Configuration;

namespace RealtimeGateway.Web;

/// <summary><c>GET /openapi/v1.json</c> and <c>GET /docs</c>: the API as it is configured at this moment, proxied routes included.</summary>
internal static class ApiDescription
{
    // Scalar's page starts itself by inline script and styles itself inline; it can reach nothing but this gateway.
    private const string DocsPolicy =
        "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; " +
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void AddApiDescription(this IHostApplicationBuilder builder) =>
        builder.Services.AddOpenApi("v1", options => options.AddDocumentTransformer<ProxiedRoutes>());

    public static void MapApiDescription(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapOpenApi("/openapi/v1.json").AllowAnonymous();
        endpoints.MapScalarApiReference("/docs", options => options
                .WithTitle("RealtimeGateway")
                .DisableDefaultFonts()
                .DisableTelemetry()
                .DisableAgent()
                .DisableMcp()
                .HideDeveloperTools()
                .HideClientButton())
            .AllowAnonymous()
            .WithMetadata(new ContentPolicy(DocsPolicy));
    }

    /// <summary>Adds the routes of the snapshot in force, which the framework cannot see.</summary>
    private sealed class ProxiedRoutes(LiveConfiguration live) : IOpenApiDocumentTransformer
    {
        private static readonly string[] AnyMethod = ["GET", "POST", "PUT", "PATCH", "DELETE"];

        public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
        {
            document.Info = new() { Title = "RealtimeGateway", Version = "v1", Description = "An edge gateway in front of Azure OpenAI Realtime." };
            document.Servers = [];
            var snapshot = live.Current;
            foreach (var route in snapshot.Routes.Where(route => route.Match.Path is not null))
            {
                var path = "/" + route.Match.Path!.TrimStart('/').Replace("{**", "{", StringComparison.Ordinal).Replace("{*", "{", StringComparison.Ordinal);
                if (!document.Paths.TryGetValue(path, out var item))
                    document.Paths[path] = item = new OpenApiPathItem();
                foreach (var method in route.Match.Methods ?? AnyMethod)
                    ((OpenApiPathItem)item).AddOperation(new HttpMethod(method), Describe(route, snapshot, document));
            }

            // A HEAD says nothing that its GET does not.
            foreach (var item in document.Paths.Values)
                item.Operations?.Remove(HttpMethod.Head);
            return Task.CompletedTask;
        }

        private static OpenApiOperation Describe(RouteConfig route, Snapshot snapshot, OpenApiDocument document)
        {
            var (tag, operation) = SessionTransformFactory.GivesTickets(route) ? ("Sessions", DescribeTicket(route, snapshot))
                : SessionTransformFactory.ProfileOf(route) is { } profile ? ("Sessions", DescribeMint(route, snapshot.Profiles[profile], snapshot))
                : CallTransformFactory.OfferOf(route) is not null ? ("Calls", DescribeCall(route, snapshot))
                : SessionEventsFactory.ProfileOf(route) is { } ofSockets ? ("Sessions", DescribeSocket(route, snapshot.Profiles[ofSockets], snapshot))
                : ("Forwarded", DescribePassThrough(route));
            operation.Tags = new HashSet<OpenApiTagReference> { new(tag, document) };
            return operation;
        }

        // Anybody can read the description, so it tells nothing of a profile that is not for every caller.
        private static bool IsNoSecret(SessionProfile profile) => profile.Access.IsForEveryCaller;

        private static OpenApiOperation DescribePassThrough(RouteConfig route) => new()
        {
            OperationId = route.RouteId,
            Summary = $"Forwarded by route {route.RouteId}.",
            Responses = new() { ["2XX"] = new OpenApiResponse { Description = "The upstream's answer." }, ["default"] = OpenApiSchemas.ErrorResponse() },
        };

        private static OpenApiOperation DescribeSocket(RouteConfig route, SessionProfile profile, Snapshot snapshot) => new()
        {
            OperationId = route.RouteId,
            Summary = "Open a WebSocket for the events of a realtime session.",
            Description = "Subprotocol realtime. The session is the profile's; what a caller may not send is answered by an error event.",
            Parameters =
            [
                ProfileParameter(snapshot),
                new OpenApiParameter
                {
                    Name = "model",
                    In = ParameterLocation.Query,
                    Description = "A model of the profile; its first by default.",
                    Schema = IsNoSecret(profile) ? OpenApiSchemas.OneOf(profile.Options.Models) : new OpenApiSchema { Type = JsonSchemaType.String },
                },
            ],
            Responses = new() { ["101"] = new OpenApiResponse { Description = "The socket is open." }, ["default"] = OpenApiSchemas.ErrorResponse() },
        };

        private static OpenApiParameter ProfileParameter(Snapshot snapshot) => new()
        {
            Name = "profile",
            In = ParameterLocation.Query,
            Description = "The session profile; the route's own by default.",
            Schema = OpenApiSchemas.OneOf(snapshot.Profiles.Values.Where(IsNoSecret).Select(other => other.Name).Order(StringComparer.Ordinal)),
        };

        private static OpenApiOperation DescribeMint(RouteConfig route, SessionProfile profile, Snapshot snapshot) => new()
        {
            OperationId = route.RouteId,
            Summary = "Mint an ephemeral secret for a realtime session.",
            Description = "The browser then posts its SDP offer to webrtc_url with the secret as Bearer credential.",
            Parameters = [ProfileParameter(snapshot)],
            RequestBody = new OpenApiRequestBody { Required = true, Content = OpenApiSchemas.Json(IsNoSecret(profile) ? OpenApiSchemas.SessionRequest(profile) : OpenApiSchemas.AnyObject()) },
            Responses = new()
            {
                ["200"] = new OpenApiResponse { Description = "The secret and where to use it.", Content = OpenApiSchemas.Json(OpenApiSchemas.Session()) },
                ["default"] = OpenApiSchemas.ErrorResponse(),
            },
        };

        private static OpenApiOperation DescribeTicket(RouteConfig route, Snapshot snapshot) => new()
        {
            OperationId = route.RouteId,
            Summary = "Get a secret that begins one call or one socket here, as OpenAI's SDKs do.",
            Description = "It is the gateway's own and good once. The body is {expires_after?, session?}; what the profile does not let the caller set has no effect.",
            Parameters = [ProfileParameter(snapshot)],
            RequestBody = new OpenApiRequestBody { Content = OpenApiSchemas.Json(OpenApiSchemas.AnyObject()) },
            Responses = new()
            {
                ["200"] = new OpenApiResponse { Description = "The secret.", Content = OpenApiSchemas.Json(OpenApiSchemas.ClientSecret()) },
                ["default"] = OpenApiSchemas.ErrorResponse(),
            },
        };

        private static OpenApiOperation DescribeCall(RouteConfig route, Snapshot snapshot) => new()
        {
            OperationId = route.RouteId,
            Summary = "Begin a call: the gateway takes the SDP offer to the service.",
            Description = "Location names the call; DELETE there ends it. Nothing is tried again by itself.",
            Parameters = [ProfileParameter(snapshot)],
            RequestBody = new OpenApiRequestBody { Required = true, Content = OpenApiSchemas.Sdp() },
            Responses = new()
            {
                ["201"] = new OpenApiResponse { Description = "The SDP answer.", Content = OpenApiSchemas.Sdp() },
                ["default"] = OpenApiSchemas.ErrorResponse(),
            },
        };
    }
}
