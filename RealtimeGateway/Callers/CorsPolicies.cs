using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Cors.Infrastructure;
using RealtimeGateway.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace RealtimeGateway.Callers;

/// <summary>Section <c>Cors:{name}</c>: pages of other origins that may call the routes that name it by <c>CorsPolicy</c>.</summary>
internal sealed class CorsPolicyOptions
{
    public const string SectionName = "Cors";

    /// <summary>Exact origins as browsers write them, such as <c>https://app.example</c>; <c>*</c> for all but <c>null</c>, which excludes others and credentials.</summary>
    public List<string> Origins { get; set; } = [];

    /// <summary>Whether a page may send cookies along. The gateway itself has none.</summary>
    public bool AllowCredentials { get; set; }

    /// <summary>How long a browser may remember the answer to a preflight, up to a day.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromMinutes(10);
}

/// <summary>The named lists of origins. <c>default</c>, which also counts for the gateway's own endpoints, is empty until it is configured.</summary>
internal sealed partial class CorsPolicies
{
    private const string DefaultName = "default";
    private const string AnyOrigin = "*";
    private const string OpaqueOrigin = "null";

    // What a page, or OpenAI's client library in one, sends besides what every page may send. None of it reaches a destination unless its route says so.
    private static readonly string[] RequestHeaders =
    [
        "accept", "api-key", "authorization", "content-type", "openai-beta", "openai-organization", "openai-project", "x-api-key", "x-openai-agents-sdk",
        "x-stainless-arch", "x-stainless-lang", "x-stainless-os", "x-stainless-package-version", "x-stainless-retry-count", "x-stainless-runtime",
        "x-stainless-runtime-version", "x-stainless-timeout",
    ];

    private static readonly string[] ResponseHeaders = ["Location", "Retry-After", "x-request-id", "x-should-retry"];
    private static readonly string[] AnyMethod = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

    private readonly Dictionary<string, CorsPolicyOptions> _named;

    private CorsPolicies(Dictionary<string, CorsPolicyOptions> named) => _named = named;

    /// <summary>For the gateway's own endpoints.</summary>
    public CorsPolicy Default => Write(_named.GetValueOrDefault(DefaultName) ?? new(), ["GET", "POST", "DELETE"], [], []);

    /// <summary>The policy that a route names, with its methods and the headers that it passes on; <c>null</c> when it names none.</summary>
    public CorsPolicy? For(RouteConfig route, ConfigurationFaults faults)
    {
        if (route.CorsPolicy is not { } name)
            return null;
        if (!_named.TryGetValue(name, out var options) && !name.Equals(DefaultName, StringComparison.OrdinalIgnoreCase))
            faults.Add($"ReverseProxy:Routes:{route.RouteId}:CorsPolicy", name, $"names no entry of section {CorsPolicyOptions.SectionName}");
        return Write(options ?? new(), route.Match.Methods ?? AnyMethod, ListedBy(route, "RequestHeadersAllowed"), ListedBy(route, "ResponseHeadersAllowed"));
    }

    public static CorsPolicies Read(IConfiguration configuration, ConfigurationFaults faults)
    {
        var named = SectionReader.ReadNamed<CorsPolicyOptions>(configuration.GetSection(CorsPolicyOptions.SectionName), faults);
        foreach (var (name, options) in named)
            Check($"{CorsPolicyOptions.SectionName}:{name}", options, faults);
        return new(named);
    }

    private static void Check(string setting, CorsPolicyOptions options, ConfigurationFaults faults)
    {
        foreach (var origin in options.Origins.Where(origin => origin is not (AnyOrigin or OpaqueOrigin)))
        {
            if (!Exact().IsMatch(origin) || (Uri.TryCreate(origin, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.GetLeftPart(UriPartial.Authority) != origin))
                faults.Add($"{setting}:{nameof(options.Origins)}", origin, "must be one origin as a browser writes it: scheme and host in lower case, the port unless it is the usual one, and no path");
        }

        foreach (var other in options.Origins.Where(origin => origin is not (AnyOrigin or OpaqueOrigin) && options.Origins.Contains(AnyOrigin)))
            faults.Add($"{setting}:{nameof(options.Origins)}", other, $"may not stand beside {AnyOrigin}, which is every origin but {OpaqueOrigin}");
        foreach (var open in options.Origins.Where(origin => options.AllowCredentials && origin is AnyOrigin or OpaqueOrigin))
            faults.Add($"{setting}:{nameof(options.Origins)}", open, $"may not stand together with {nameof(options.AllowCredentials)}");
    }

    private static CorsPolicy Write(CorsPolicyOptions options, IEnumerable<string> methods, IEnumerable<string> requestHeaders, IEnumerable<string> responseHeaders)
    {
        var policy = new CorsPolicyBuilder([.. options.Origins])
            .WithMethods([.. methods])
            .WithHeaders([.. RequestHeaders, .. requestHeaders])
            .WithExposedHeaders([.. ResponseHeaders, .. responseHeaders])
            .SetPreflightMaxAge(options.MaxAge);
        if (options.Origins.Contains(AnyOrigin) && options.Origins.Contains(OpaqueOrigin)) // the framework takes * for all only where it stands alone
            policy.SetIsOriginAllowed(static _ => true);
        return (options.AllowCredentials ? policy.AllowCredentials() : policy.DisallowCredentials()).Build();
    }

    private static IEnumerable<string> ListedBy(RouteConfig route, string transform) =>
        (route.Transforms ?? [])
            .SelectMany(values => values)
            .Where(pair => pair.Key.Equals(transform, StringComparison.OrdinalIgnoreCase))
            .SelectMany(pair => (pair.Value ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    [GeneratedRegex(@"^[a-z][a-z0-9+.-]*://[a-z0-9._:\[\]-]+\z", RegexOptions.ExplicitCapture, Patterns.Timeout)]
    private static partial Regex Exact();
}

/// <summary>Gives the framework's CORS step the policy of the request's own route, whatever it is called and however often it changes.</summary>
internal sealed class GateCorsPolicyProvider : ICorsPolicyProvider
{
    private static readonly string[] ReservedByYarp = ["default", "disable"];

    public Task<CorsPolicy?> GetPolicyAsync(HttpContext context, string? policyName) => Task.FromResult(
        context.GetEndpoint() is not null ? Gate.Of(context).Cors : Assurance(policyName));

    // YARP asks without a request whether a name exists; the gateway has checked that itself, for the candidate and not for what is in force.
    private static CorsPolicy? Assurance(string? policyName) =>
        ReservedByYarp.Contains(policyName, StringComparer.OrdinalIgnoreCase) ? null : new CorsPolicy();
}
