using System.Reflection;
using RealtimeGateway.Simulator.Answers;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.LeakProof;

/// <summary>Everything that is planted, and where.</summary>
internal static class Canaries
{
    // What proves the gateway to the service.
    public static readonly Canary Key = Canary.Of("the service's key");
    public static readonly Canary SpareKey = Canary.Of("the service's other key");
    public static readonly Canary EntraToken = Canary.Of("the gateway's Entra token");

    // What proves callers to the gateway, and what would if it were right.
    public static readonly Canary AlicesKey = Canary.Of("alice's key");
    public static readonly Canary BobsKey = Canary.Of("bob's key");
    public static readonly Canary WrongKey = Canary.Of("a stranger's key");
    public static readonly Canary Subject = Canary.Of("the subject of a token");
    public static readonly Canary LogKey = Canary.Of("what names in logs are hashed with");

    // What proves the gateway to Redis.
    public static readonly Canary RedisPassword = new("the password of Redis", RedisServer.Password);

    // What else a caller sends.
    public static readonly Canary Cookie = Canary.Of("a caller's cookie");
    public static readonly Canary SubscriptionKey = Canary.Of("a caller's subscription key");
    public static readonly Canary Header = Canary.Of("a caller's header");
    public static readonly Canary UserAgent = Canary.Of("a caller's user agent");
    public static readonly Canary Trace = Canary.Of("a caller's trace state");
    public static readonly Canary TraceId = new("a caller's trace id", "5eed1eaf5eed1eaf5eed1eaf5eed1eaf");
    public static readonly Canary Forwarded = new("a caller's forwarded address", "203.0.113.77");
    public static readonly Canary Query = Canary.Of("a caller's query");
    public static readonly Canary QueryKey = Canary.Of("a key in a query");
    public static readonly Canary Path = Canary.Of("a caller's path");
    public static readonly Canary Member = Canary.Of("a member that nobody knows");
    public static readonly Canary Value = Canary.Of("a value that is not allowed");
    public static readonly Canary Offer = Canary.Of("a caller's offer");
    public static readonly Canary OwnInstructions = Canary.Of("instructions of a caller");
    public static readonly Canary Said = Canary.Of("what was said");
    public static readonly Canary Method = Canary.Of("a caller's method");
    public static readonly Canary Goodbye = Canary.Of("a caller's goodbye");

    // What a profile keeps to itself.
    public static readonly Canary Instructions = Canary.Of("instructions");
    public static readonly Canary Tool = Canary.Of("the name of a tool");
    public static readonly Canary ToolDescription = Canary.Of("the description of a tool");
    public static readonly Canary ToolParameter = Canary.Of("a parameter of a tool");
    public static readonly Canary Prompt = Canary.Of("the prompt of a transcription");
    public static readonly Canary HiddenProfile = Canary.Of("a profile for others");
    public static readonly Canary HiddenVoice = Canary.Of("a voice of a profile for others");

    // Where the service is.
    public static readonly Canary Host = new("the service's address", "127.83.119.41");
    public static readonly Canary Deployment = Canary.Of("a deployment");
    public static readonly Canary SpareDeployment = Canary.Of("another deployment");
    public static readonly Canary IndiscreetDeployment = Canary.Of("a deployment that its service names");
    public static readonly Canary Transcriber = Canary.Of("the deployment of a transcription");

    public static readonly Canary Elsewhere = Canary.Of("where a service would send one");

    // Tells what is left of a quota, which is everybody's.
    public static readonly Canary Quota = new("an event about the quota", "rate_limits.updated");

    public static readonly Canary Bug = Canary.Of("the text of an exception");
    public static readonly Canary Quoted = Canary.Of("what an identity's exception quotes");

    /// <summary>What the service tells about itself.</summary>
    public static IReadOnlyList<Canary> OfTheService { get; } = [.. Telltales.All.Select(text => new Canary($"the service's {text}", text))];

    public static Canary RequestId { get; } = OfTheService.Single(canary => canary.Text == Telltales.RequestId);

    public static IReadOnlyList<Canary> All { get; } =
    [
        .. typeof(Canaries).GetFields(BindingFlags.Static | BindingFlags.Public).Select(field => field.GetValue(null)).OfType<Canary>(), .. OfTheService,
    ];

    public static IReadOnlyList<Canary> OfProfiles { get; } = [Instructions, Tool, ToolDescription, ToolParameter, Prompt, Transcriber];

    public static IReadOnlyList<Canary> Deployments { get; } = [Deployment, SpareDeployment, IndiscreetDeployment];

    /// <summary>What must have been seen where it belongs, or it was not planted: all that the gateway itself sends to the service.</summary>
    public static IReadOnlyList<Canary> OfTheGateway { get; } = [Key, SpareKey, EntraToken, .. Deployments, .. OfProfiles];

    /// <summary>What never leaves the place where it was planted but towards the one that it is for.</summary>
    public static IReadOnlyList<Canary> Secrets { get; } = [Key, SpareKey, EntraToken, AlicesKey, BobsKey, WrongKey, LogKey, RedisPassword, SubscriptionKey, Cookie, QueryKey];
}
