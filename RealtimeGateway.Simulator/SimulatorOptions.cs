namespace RealtimeGateway.Simulator;

public sealed class SimulatorOptions
{
    public const string SectionName = "Simulator";
    public string Url { get; set; } = "http://localhost:8001";
    public List<string> ApiKeys { get; set; } = ["simulator-key"];
    public List<string> Deployments { get; set; } = ["gpt-realtime", "gpt-realtime-mini"];
}
