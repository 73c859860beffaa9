using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using RealtimeGateway.Tests.Infrastructure;
using YamlDotNet.RepresentationModel;

namespace RealtimeGateway.Tests.Deployment.Kubernetes;

public sealed partial class ManifestTests
{
    // As the cluster would get them; the base alone has no upstream and no caller, but all that the rules ask for.
    public static TheoryData<string> Kustomizations => ["base", "overlays/plain-secret", "overlays/workload-identity"];

    [Theory]
    [MemberData(nameof(Kustomizations))]
    public void Everything_in_them_leads_somewhere(string kustomization) => Assert.Empty(Faults(Manifests.Of(kustomization)));

    /// <summary>One mistake each, as a person makes it, and what is said about it.</summary>
    public static TheoryData<string, string, string> Mistakes => new()
    {
        { "  namespace: realtime-gateway\nspec:\n  behavior:", "  namespace: elsewhere\nspec:\n  behavior:", "V2HorizontalPodAutoscaler realtime-gateway is not in namespace realtime-gateway" },
        { "  selector:\n    app.kubernetes.io/name: realtime-gateway\n---", "  selector:\n    app: realtime-gateway\n---", "Service realtime-gateway does not select the pods" },
        { "            app.kubernetes.io/name: realtime-gateway\n        maxSkew: 1\n        topologyKey: topology", "            app: x\n        maxSkew: 1\n        topologyKey: topology", "Spread over topology.kubernetes.io/zone does not select the pods" },
        { "  podSelector:\n    matchLabels:\n      app.kubernetes.io/name: realtime", "  podSelector:\n    matchLabels:\n      app.kubernetes.io/name: gateway", "NetworkPolicy does not select the pods" },
        { "containerPort: 8000", "containerPort: 8080", "The container's ports are not those that the image exposes" },
        { "    targetPort: http\n", "    targetPort: web\n", "A service's port http leads nowhere" },
        { "    ports:\n    - port: http", "    ports:\n    - port: https", "The network policy opens port https, which the pod does not have" },
        { "            path: /health/live\n            port: management", "            path: /health/live\n            port: http", "A probe asks /health/live at http" },
        { "            path: /health/live\n", "            path: /healthz\n", "A probe asks /healthz at management" },
        { "            path: /health/live\n", "            path: /health/ready\n", "A pod that drains would be killed" },
        { "  clusterIP: None\n", "", "Service realtime-gateway-management could lead callers to the management port" },
        { "  - Ingress\n", "", "The network policy leaves a direction open" },
        { "          kubernetes.io/metadata.name: monitoring\n", "          kubernetes.io/metadata.name: default\n", "The network policy lets 'default' in at 'management'" },
        { "          k8s-app: kube-dns\n", "          k8s-app: kube-dns\n          app.kubernetes.io/name: realtime-gateway\n", "The network policy takes another server for a gateway" },
        { "  - ports:\n    - port: 443\n", "  - ports:\n    - port: 80\n", "The network policy lets more than https out to anywhere" },
        { "    - port: 6379\n", "    - port: 6380\n", "The network policy lets nothing out to port 6379" },
        { "serviceAccountName: realtime-gateway", "serviceAccountName: default", "There is no service account default" },
        { "        - mountPath: /settings\n          name: settings", "        - mountPath: /settings\n          name: setting", "There is no volume setting" },
        { "          name: settings\n          readOnly: true", "          name: settings\n          readOnly: true\n          subPath: appsettings.json", "Volume settings is not live, or may be written to" },
        { "          name: realtime-gateway-settings\n        name: settings", "          name: gateway-settings\n        name: settings", "Volume settings comes from nowhere" },
        { "secretName: realtime-gateway", "secretName: gateway", "Volume secrets comes from nowhere" },
        { "secretProviderClass: realtime-gateway", "secretProviderClass: gateway", "Volume secrets comes from nowhere" },
        { "          value: /settings\n", "          value: /config\n", "ASPNETCORE_CONTENTROOT names no mounted folder" },
        { "          value: /secrets\n", "          value: /secret\n", "Secrets__Directory names no mounted folder" },
        { "Proxies__0", "Proxy__0", "Proxy__0 is no setting of the gateway" },
        { "Credentials__default__Entra__Scope", "Credentials__default__Entra__Scopes", "Credentials__default__Entra__Scopes is no setting of the gateway" },
        { "objectAlias: Callers__LogKey", "objectAlias: Callers__LogKeys", "Callers__LogKeys is no setting of the gateway" },
        { "        runAsNonRoot: true\n", "", "The pod may run as root, or with every system call" },
        { "          type: RuntimeDefault", "          type: Unconfined", "The pod may run as root, or with every system call" },
        { "          readOnlyRootFilesystem: true\n", "", "The container may do more than it needs" },
        { "            - ALL\n", "            - NET_RAW\n", "The container may do more than it needs" },
        { "      automountServiceAccountToken: false\n", "", "The pod has a token of the cluster" },
        { "    pod-security.kubernetes.io/enforce: restricted\n", "", "The namespace admits other pods than restricted ones" },
        { "            memory: 1Gi\n", "            cpu: 1\n", "The container has no bounds" },
        { "terminationGracePeriodSeconds: 60", "terminationGracePeriodSeconds: 45", "A pod is killed before it has drained" },
        { "          value: \"00:00:15\"", "          value: \"00:00:10\"", "A pod that drains looks ready until it has drained" },
        { "failureThreshold: 60", "failureThreshold: 5", "A pod has little time to start" },
        { "    kind: Deployment\n    name: realtime-gateway", "    kind: Deployment\n    name: gateway", "The autoscaler scales nothing" },
        { "spec:\n  revisionHistoryLimit", "spec:\n  replicas: 3\n  revisionHistoryLimit", "Every apply would undo what the autoscaler did" },
        { "minReplicas: 2", "minReplicas: 1", "A drained node may take every replica with it" },
        { "maxUnavailable: 0", "maxUnavailable: 1", "A rollout takes replicas away before it brings others" },
        { "/realtime-gateway:", "/gateway:", "The image is gateway:0.1.0" },
        { "    port: management\n  jobLabel", "    port: http\n  jobLabel", "The monitor scrapes another port" },
        { "      app.kubernetes.io/component: management\n", "", "The monitor selects 2 services" },
        { "jobLabel: app.kubernetes.io/name", "jobLabel: app.kubernetes.io/instance", "The alerts would not know the job" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_found(string right, string wrong, string fault)
    {
        var yaml = new[] { "overlays/plain-secret", "overlays/workload-identity" }.Select(Manifests.Render).First(text => text.Contains(right, StringComparison.Ordinal));
        var at = yaml.IndexOf(right, StringComparison.Ordinal);

        var faults = Faults(Manifests.Parse(string.Concat(yaml.AsSpan(0, at), wrong, yaml.AsSpan(at + right.Length))));

        Assert.Contains(fault, faults);
    }

    [Theory]
    [InlineData("readOnlyRootFilesystem: true", "readOnlyRootFileSystem: true")]
    [InlineData("maxReplicas: 10", "maxReplicas: ten")]
    [InlineData("kind: PodDisruptionBudget", "kind: PodDisruptionBudgets")]
    [InlineData("interval: 15s", "intervall: 15s")]
    public void What_Kubernetes_does_not_know_is_not_read(string right, string wrong)
    {
        var yaml = Manifests.Render("overlays/plain-secret");

        Assert.NotEqual(yaml, yaml.Replace(right, wrong, StringComparison.Ordinal));
        Assert.ThrowsAny<Exception>(() => Manifests.Parse(yaml.Replace(right, wrong, StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_file_belongs_to_a_kustomization()
    {
        var folders = Directory.GetFiles(Manifests.Folder, "kustomization.yaml", SearchOption.AllDirectories).Select(file => Path.GetDirectoryName(file)!).ToArray();
        var named = folders.SelectMany(folder => NamedIn(folder).Append("kustomization.yaml").Select(name => Path.GetFullPath(name, folder))).ToHashSet(StringComparer.Ordinal);

        Assert.Equal(7, folders.Length);
        Assert.Empty(Directory.GetFiles(Manifests.Folder, "*", SearchOption.AllDirectories).Except(named));
        // Every component and the base are part of an overlay, and so are rendered by the other tests.
        Assert.Empty(folders.Where(folder => !folder.Contains("overlays", StringComparison.Ordinal)).Except(named));
    }

    [Fact]
    public void What_goes_into_the_secret_by_hand_is_a_setting()
    {
        Assert.NotEmpty(KubernetesDocument.SecretKeys);
        Assert.All(KubernetesDocument.SecretKeys, key => Assert.True(PodRules.IsSetting(key), key));
    }

    private static IReadOnlyList<string> Faults(Manifests manifests) => ManifestRules.Faults(manifests, Version(), Exposed(), LongestRequest());

    private static string Version() => XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props")).Descendants("Version").Single().Value;

    private static IReadOnlyList<int> Exposed() =>
        [.. Exposing().Match(File.ReadAllText(Path.Combine(Repository.Root, "Dockerfile"))).Groups["ports"].Value.Split(' ').Select(port => int.Parse(port, CultureInfo.InvariantCulture))];

    private static TimeSpan LongestRequest() => Timeout().Matches(File.ReadAllText(Path.Combine(Repository.Root, "appsettings.json")))
        .Max(match => TimeSpan.Parse(match.Groups["time"].Value, CultureInfo.InvariantCulture));

    private static IEnumerable<string> NamedIn(string folder)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(File.ReadAllText(Path.Combine(folder, "kustomization.yaml"))));
        var root = (YamlMappingNode)yaml.Documents[0].RootNode;
        return new[] { "resources", "components", "patches", "configMapGenerator" }.Where(key => root.Children.ContainsKey(key)).SelectMany(key => ((YamlSequenceNode)root[key]).Children)
            .SelectMany(entry => entry switch
            {
                YamlScalarNode scalar => [scalar.Value!],
                YamlMappingNode mapping when mapping.Children.ContainsKey("path") => [((YamlScalarNode)mapping["path"]).Value!],
                YamlMappingNode mapping => ((YamlSequenceNode)mapping["files"]).Children.Select(file => ((YamlScalarNode)file).Value!),
                _ => [],
            });
    }

    [GeneratedRegex(@"^EXPOSE (?<ports>[\d ]+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Exposing();

    [GeneratedRegex("\"Timeout\": \"(?<time>[\\d:]+)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Timeout();
}
