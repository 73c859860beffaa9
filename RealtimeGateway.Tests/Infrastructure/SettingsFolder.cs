using System.Text.Json;
using System.Text.Json.Nodes;

namespace RealtimeGateway.Tests.Infrastructure;

/// <summary>A content root of its own: a copy of the shipped <c>appsettings.json</c> and <c>wwwroot</c>.</summary>
internal sealed class SettingsFolder : IDisposable
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly string _file;

    public SettingsFolder(Action<JsonNode>? change)
    {
        Path = Directory.CreateTempSubdirectory("realtime-gateway-").FullName;
        _file = System.IO.Path.Combine(Path, "appsettings.json");
        File.Copy(System.IO.Path.Combine(Repository.Root, "appsettings.json"), _file);
        foreach (var page in Directory.GetFiles(System.IO.Path.Combine(Repository.Root, "wwwroot"), "*", SearchOption.AllDirectories))
            CopyPage(page);
        if (change is not null)
            Change(change);
    }

    public string Path { get; }

    public void Change(Action<JsonNode> change)
    {
        var settings = JsonNode.Parse(File.ReadAllText(_file))!;
        change(settings);
        Write(settings.ToJsonString(Indented));
    }

    public void Write(string text) => File.WriteAllText(_file, text);

    public void Remove() => File.Delete(_file);

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private void CopyPage(string page)
    {
        var copy = System.IO.Path.Combine(Path, System.IO.Path.GetRelativePath(Repository.Root, page));
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(copy)!);
        File.Copy(page, copy);
    }
}
