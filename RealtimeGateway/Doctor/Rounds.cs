using RealtimeGateway.Calls;
using RealtimeGateway.Commands;
using RealtimeGateway.Configuration;
using RealtimeGateway.Proxy;
using Yarp.ReverseProxy;

namespace RealtimeGateway.Doctor;

/// <summary>Goes from destination to destination. Each is judged by itself.</summary>
internal static class Rounds
{
    public static async Task<int> RunAsync(IServiceProvider services, Plan plan, bool asJson, TextWriter output, CancellationToken cancellation)
    {
        var (layers, reports, text) = (Layers(services), new List<DestinationReport>(), new TextReport(asJson ? TextWriter.Null : output));
        foreach (var planned in plan.Destinations)
        {
            text.Begin(planned);
            var report = await Examine(services, planned, layers, text.Tell).RunAsync(cancellation);
            text.End(report);
            reports.Add(report);
        }

        var answer = new DoctorAnswer(reports.TrueForAll(report => report.Ok), plan.Costs, reports);
        text.Conclude(answer);
        if (asJson)
            await output.WriteLineAsync(DoctorJson.Serialize(answer));
        return answer.Ok ? CommandLine.Success : CommandLine.Failure;
    }

    private static Examination Examine(IServiceProvider services, PlannedDestination planned, ConfigurationLayers layers, Action<CheckResult> told)
    {
        var (destination, time) = (planned.Destination, services.GetRequiredService<TimeProvider>());
        if (!services.GetRequiredService<IProxyStateLookup>().TryGetCluster(destination.Cluster, out var cluster))
            throw new InvalidOperationException($"Cluster {destination.Cluster} is not there.");
        var resource = new Resource(destination, cluster.Model, planned.Sessions, planned.Patience);
        var minting = new Minting(services.GetRequiredService<ILogger<Minting>>());
        return new(resource, new(resource, layers), new(services.GetRequiredService<HangUp>(), resource), minting, time, told);
    }

    private static ConfigurationLayers Layers(IServiceProvider services)
    {
        var layers = services.GetRequiredService<ConfigurationSources>().Read();
        UpstreamVariables.Apply(layers, services.GetRequiredService<IHostEnvironment>().IsDevelopment(), new());
        return layers;
    }
}
