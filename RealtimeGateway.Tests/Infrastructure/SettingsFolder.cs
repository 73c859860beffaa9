using System.Diagnostics;
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

    public string Read() => File.ReadAllText(_file);

    /// <summary>In one step: on a busy machine a gateway could read a file that is emptied and not yet written, and give its verdict on that.</summary>
    public void Write(string text)
    {
        var whole = $"{_file}.new";
        File.WriteAllText(whole, text);
        File.Move(whole, _file, overwrite: true);
    }

    /// <summary>From now on the file is mounted as Kubernetes mounts a ConfigMap: a link through <c>..data</c> to a folder that is never written to.</summary>
    public void Mount()
    {
        var settings = File.ReadAllText(_file);
        File.Delete(_file);
        File.CreateSymbolicLink(_file, System.IO.Path.Combine("..data", "appsettings.json"));
        Turn(settings);
    }

    /// <summary>Changes the mounted file as the kubelet does: another folder, a link to it, and one rename of that link over the old one.</summary>
    public void Turn(Action<JsonNode> change)
    {
        var settings = JsonNode.Parse(File.ReadAllText(_file))!;
        change(settings);
        Turn(settings.ToJsonString(Indented));
    }

    private void Turn(string settings)
    {
        var (data, next) = (System.IO.Path.Combine(Path, "..data"), System.IO.Path.Combine(Path, "..data_tmp"));
        var before = new DirectoryInfo(data).LinkTarget;
        var folder = $"..{Guid.NewGuid():N}";
        Directory.CreateDirectory(System.IO.Path.Combine(Path, folder));
        File.WriteAllText(System.IO.Path.Combine(Path, folder, "appsettings.json"), settings);
        File.CreateSymbolicLink(next, folder);
        using (var rename = Process.Start("mv", ["-T", next, data])) // rename(2), which .NET does not offer for a link to a folder
        {
            rename.WaitForExit();
            Assert.Equal(0, rename.ExitCode);
        }

        if (before is not null)
            Directory.Delete(System.IO.Path.Combine(Path, before), recursive: true);
    }

    public void Remove() => File.Delete(_file);

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private void CopyPage(string page)
    {
        var copy = System.IO.Path.Combine(Path, System.IO.Path.GetRelativePath(Repository.Root, page));
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(copy)!);
        File.Copy(page, copy);
    }
}
