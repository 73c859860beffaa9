using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RealtimeGateway.Configuration;
using RealtimeGateway.Simulator;
using RealtimeGateway.Tests.Infrastructure;
using static RealtimeGateway.Tests.Deployment.Shipped;

namespace RealtimeGateway.Tests.Deployment;

/// <summary><c>docker-compose.yml</c> and the files that it mounts agree with each other, with the image and with the gateway. Whether they run, <see cref="StackTests"/> shows.</summary>
public sealed class ComposeTests
{
    private static readonly string[] Gateways = ["gateway", "gateway2"];

    public static TheoryData<string> Names => [.. Services.Select(service => service.Key)];

    [Fact]
    public void These_services_are_there_and_two_of_them_only_when_asked_for()
    {
        Assert.Equal(["balancer", "gateway", "gateway2", "grafana", "prometheus", "redis"], Services.Select(service => service.Key).Order(StringComparer.Ordinal));
        Assert.Equal(["balancer", "gateway2"], Services.Where(service => Strings(service.Value!["profiles"]) is ["scale"]).Select(service => service.Key).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_service_can_do_no_more_than_it_must(string name)
    {
        var service = Service(name);

        Assert.Equal("true", (string?)service["read_only"]);
        Assert.Equal(["ALL"], Strings(service["cap_drop"]));
        Assert.Equal(["no-new-privileges:true"], Strings(service["security_opt"]));
        Assert.DoesNotContain("0", ((string?)service["user"] ?? "1").Split(':')[0].Split(), StringComparer.Ordinal);
        Assert.All(["privileged", "cap_add", "network_mode", "pid", "devices"], key => Assert.Null(service[key]));
        Assert.All(Strings(service["ports"]), port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));
        Assert.True(Gateways.Contains(name) ? Dockerfile.Contains("\nHEALTHCHECK ", StringComparison.Ordinal) : service["healthcheck"]!["test"] is JsonArray);
        Assert.Matches(Gateways.Contains(name) ? "^realtime-gateway$" : @":v?\d+\.\d+\.\d+(-\w+)?$", (string?)service["image"]);
    }

    [Fact]
    public void Only_these_ports_are_published()
    {
        var published = Services.SelectMany(service => Strings(service.Value!["ports"]).Select(port => $"{service.Key} {port.Split(':')[^1]}"));

        Assert.Equal(["balancer 8080", "gateway 8000", "gateway 8001", "grafana 3000", "prometheus 9090"], published.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_file_that_is_mounted_is_there_and_only_read(string name)
    {
        var mounts = Strings(Service(name)["volumes"]).Where(mount => mount.StartsWith('.')).Select(mount => mount.Split(':')).ToArray();
        var volumes = Strings(Service(name)["volumes"]).Where(mount => !mount.StartsWith('.')).Select(mount => mount.Split(':')[0]);

        Assert.All(mounts, mount => Assert.True(Path.Exists(Path.Combine(Repository.Root, mount[0])) && mount is [_, ['/', ..], "ro"], string.Join(':', mount)));
        Assert.All(volumes, volume => Assert.Contains(volume, Keys(Compose["volumes"])));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_service_waits_for_the_ones_that_it_speaks_to_and_shares_a_network_with_them(string name)
    {
        var spokenTo = name switch
        {
            "gateway" or "gateway2" => [Variables(name)["Redis__Connection"].Split(':')[0]],
            "balancer" => All("deploy/nginx/nginx.conf", @"^\s+server (\w+):8000 "),
            "prometheus" => All("deploy/prometheus/prometheus.yaml", @"targets: \[ ""(\w+):"),
            "grafana" => All("deploy/grafana/provisioning/datasources/prometheus.yaml", "url: http://([a-z]+):"),
            _ => [],
        };

        Assert.Equal(spokenTo.Order(StringComparer.Ordinal), Keys(Service(name)["depends_on"]).Order(StringComparer.Ordinal));
        Assert.All(spokenTo, other => Assert.NotEmpty(Networks(name).Intersect(Networks(other))));
    }

    [Fact]
    public void Redis_is_reached_by_the_gateways_alone()
    {
        Assert.Equal([.. Gateways, "redis"], Services.Where(service => Networks(service.Key).Contains("store")).Select(service => service.Key));
        Assert.Equal(["store"], Networks("redis"));
        Assert.Equal("true", (string?)Compose["networks"]!["store"]!["internal"]);
    }

    [Fact]
    public void Ports_are_the_same_wherever_they_stand()
    {
        var (api, management) = (ImageVariables["ASPNETCORE_URLS"].Split(':')[^1], ImageVariables["Management__Port"]);
        var simulator = $"{new Uri(new SimulatorOptions().Url).Port}";

        Assert.Equal($"{api} {management}", One("Dockerfile", "^EXPOSE (.+)$"));
        Assert.Equal([api, api], All("deploy/nginx/nginx.conf", @"^\s+server \w+:(\d+) "));
        Assert.Equal([$"127.0.0.1:{api}:{api}", $"127.0.0.1:{simulator}:{simulator}"], Strings(Service("gateway")["ports"]));
        Assert.Equal(simulator, One("deploy/compose/simulator.env", @"^Simulator__Listen=http://\*:(\d+)$"));
        Assert.Equal("127.0.0.1:8080:" + One("deploy/nginx/nginx.conf", @"listen (\d+);"), Assert.Single(Strings(Service("balancer")["ports"])));
        Assert.Equal(management, One("deploy/prometheus/prometheus.yaml", @"targets: \[ ""gateway:(\d+)"" \]"));
        Assert.Equal(management, One("deploy/prometheus/prometheus.yaml", @"names: \[ gateway2 \], type: A, port: (\d+)"));
        Assert.Equal(One("deploy/redis/redis.conf", @"^port (\d+)$"), Variables("gateway")["Redis__Connection"].Split(':')[1]);
        Assert.Contains(":" + One("deploy/grafana/provisioning/datasources/prometheus.yaml", @"url: http://prometheus:(\d+)") + ":", Assert.Single(Strings(Service("prometheus")["ports"])), StringComparison.Ordinal);
    }

    [Fact]
    public void The_gateways_believe_the_balancer_alone()
    {
        var balancer = (string?)Service("balancer")["networks"]!["balanced"]!["ipv4_address"];
        var subnet = IPNetwork.Parse((string)Compose["networks"]!["balanced"]!["ipam"]!["config"]![0]!["subnet"]!);

        Assert.All(Gateways, name => Assert.Equal([$"Proxies__0={balancer}"], Variables(name).Where(variable => variable.Key.StartsWith("Proxies", StringComparison.Ordinal)).Select(variable => $"{variable.Key}={variable.Value}")));
        string[] addresses = [.. new[] { "balancer", "gateway", "gateway2" }.Select(name => (string)Service(name)["networks"]!["balanced"]!["ipv4_address"]!)];
        Assert.Distinct(addresses);
        Assert.All(addresses, address => Assert.True(subnet.Contains(IPAddress.Parse(address)), address));
    }

    [Fact]
    public void A_gateway_is_left_the_time_that_it_needs_to_end_and_the_balancer_lets_go_of_it_in_time()
    {
        var grace = TimeSpan.Parse(ImageVariables["Shutdown__Grace"]);
        var routes = JsonNode.Parse(Text("appsettings.json"))!["ReverseProxy"]!["Routes"]!.AsObject()
            .Select(route => (string?)route.Value!["Metadata"]!["Timeout"]).OfType<string>().Max(TimeSpan.Parse);

        Assert.All(Gateways, name => Assert.True(Seconds((string)Service(name)["stop_grace_period"]!) > grace + TimeSpan.FromSeconds(30)));
        Assert.True(Seconds(One("deploy/nginx/nginx.conf", @"^        keepalive_timeout (\w+);")) < grace);
        Assert.True(Seconds(One("deploy/nginx/nginx.conf", @"proxy_read_timeout (\w+);")) > routes);
    }

    [Fact]
    public void The_environment_of_the_gateways_names_settings_that_they_know()
    {
        var simulator = All("deploy/compose/simulator.env", "^([A-Za-z_0-9]+)=");

        Assert.Equal(["ASPNETCORE_ENVIRONMENT", "Callers__AllowAnonymous", "Simulator__Listen"], simulator);
        Assert.All([.. simulator, .. Gateways.SelectMany(name => Variables(name).Keys), .. ImageVariables.Keys], name => Assert.True(IsKnown(name), name));
    }

    [Fact]
    public void Without_a_resource_it_runs_on_the_simulator_and_a_second_gateway_does_not_run()
    {
        Assert.All(Gateways, name => Assert.Equal(
            ["deploy/compose/simulator.env${AZURE_OPENAI_ENDPOINT:+.is-not-used} false", ".env false"],
            Service(name)["env_file"]!.AsArray().Select(file => $"{file!["path"]} {file["required"]}")));
        Assert.False(File.Exists(Path.Combine(Repository.Root, "deploy", "compose", "simulator.env.is-not-used")));
        Assert.Equal("Production", Variables("gateway2")["ASPNETCORE_ENVIRONMENT"]);
        Assert.DoesNotContain("ASPNETCORE_ENVIRONMENT", Variables("gateway").Keys);
    }

    [Fact]
    public void Every_variable_of_the_example_is_explained_and_known_and_none_is_set()
    {
        var lines = Text(".env.example").Split('\n');
        var variables = lines.Index().Where(line => Regex.IsMatch(line.Item, "^#?[A-Za-z_0-9]+=", RegexOptions.None, TimeSpan.FromSeconds(1))).ToArray();

        Assert.All(variables, line => Assert.StartsWith("#", line.Item, StringComparison.Ordinal));
        Assert.All(variables, line => Assert.True(lines[line.Index - 1].StartsWith("# ", StringComparison.Ordinal) || line.Item.StartsWith("#Callers__Jwt__entra__Audiences", StringComparison.Ordinal), line.Item));
        Assert.All(variables, line => Assert.True(IsKnown(line.Item.TrimStart('#').Split('=')[0]), line.Item));
        Assert.Superset(
            new HashSet<string> { UpstreamVariables.Endpoint, UpstreamVariables.ApiKey, UpstreamVariables.Deployment, UpstreamVariables.ApiVersion, UpstreamVariables.WebRtcUrl },
            variables.Select(line => line.Item.TrimStart('#').Split('=')[0]).ToHashSet());
    }

    [Fact]
    public void Grafana_shows_the_board_without_an_account()
    {
        var grafana = Service("grafana");
        var board = Strings(grafana["volumes"]).Select(mount => mount.Split(':')).Single(mount => mount[0].EndsWith(".json", StringComparison.Ordinal))[1];

        Assert.Equal(board, Variables("grafana")["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]);
        Assert.Equal(Path.GetDirectoryName(board), One("deploy/grafana/provisioning/dashboards/gateway.yaml", "path: (.+)$"));
        Assert.Equal(("true", "Viewer", "true", "true"), (Variables("grafana")["GF_AUTH_ANONYMOUS_ENABLED"], Variables("grafana")["GF_AUTH_ANONYMOUS_ORG_ROLE"],
            Variables("grafana")["GF_AUTH_DISABLE_LOGIN_FORM"], Variables("grafana")["GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION"]));
        Assert.DoesNotContain(Variables("grafana").Keys, name => name.Contains("PASSWORD", StringComparison.Ordinal));
    }

    [Fact]
    public void The_trial_gives_the_gateways_what_image_and_compose_file_give_them()
    {
        var script = Text("deploy/try-stack.sh");
        var start = script[script.IndexOf("\nstart_gateway()", StringComparison.Ordinal)..script.IndexOf("RealtimeGateway.dll\"\n}", StringComparison.Ordinal)];
        var given = Regex.Matches(start, @"\b(?<name>[A-Za-z_0-9]+)=", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)).Select(match => match.Groups["name"].Value);

        Assert.Equal(
            new[] { UpstreamVariables.Endpoint, UpstreamVariables.ApiKey, UpstreamVariables.Deployment, "Callers__AllowAnonymous" } // what .env would hold
                .Concat(ImageVariables.Keys).Concat(Variables("gateway2").Keys).Order(StringComparer.Ordinal),
            given.Order(StringComparer.Ordinal));
        Assert.Contains($"Shutdown__Grace={ImageVariables["Shutdown__Grace"]} ", start, StringComparison.Ordinal);
    }

    private static JsonObject Service(string name) => Compose["services"]![name]!.AsObject();

    private static string[] Networks(string name) => Service(name)["networks"] switch
    {
        JsonObject map => Keys(map),
        JsonArray list => Strings(list),
        _ => ["default"],
    };

    private static Dictionary<string, string> Variables(string name) =>
        Service(name)["environment"]!.AsObject().ToDictionary(variable => variable.Key, variable => (string)variable.Value!, StringComparer.Ordinal);

    // The host's own begin with ASPNETCORE_ or DOTNET_; MALLOC_ARENA_MAX is the C library's, mallopt(3).
    private static bool IsKnown(string variable) =>
        variable is "MALLOC_ARENA_MAX" || variable.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || variable.StartsWith("DOTNET_", StringComparison.Ordinal)
        || variable.StartsWith(KnownSections.OpenTelemetry, StringComparison.Ordinal) || KnownSections.TypeOf(variable.Replace("__", ":", StringComparison.Ordinal)) is not null;

    private static TimeSpan Seconds(string text) => TimeSpan.FromSeconds(int.Parse(text.TrimEnd('s')));
}
