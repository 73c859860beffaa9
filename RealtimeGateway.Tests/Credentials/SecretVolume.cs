using System.Diagnostics;

namespace RealtimeGateway.Tests.Credentials;

/// <summary>
/// A directory of secrets as Kubernetes mounts it: every name is a link into <c>..data</c>, itself a link to the newest hidden directory, which an
/// update replaces in one step.
/// </summary>
internal sealed class SecretVolume : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("realtime-gateway-secrets-").FullName;
    private int _version;

    public string Path => System.IO.Path.Combine(_root, "volume");

    /// <summary>Mounts the volume, or replaces everything in it at once.</summary>
    public void Write(params (string Name, string Value)[] secrets)
    {
        var version = Directory.CreateDirectory(System.IO.Path.Combine(Path, $"..2030_01_{++_version:00}"));
        foreach (var (name, value) in secrets)
            File.WriteAllText(System.IO.Path.Combine(version.FullName, name), value);
        Point(version.Name);
        foreach (var (name, _) in secrets)
            Link(name);
        foreach (var stale in Directory.GetFiles(Path).Select(System.IO.Path.GetFileName).Except(secrets.Select(secret => secret.Name)))
            File.Delete(In(stale!));
    }

    /// <summary>Turns <c>..data</c> to a directory that is not there, as in the middle of a clumsy update.</summary>
    public void Lose() => Point("..nowhere");

    public void Restore() => Point($"..2030_01_{_version:00}");

    public string In(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private void Point(string version)
    {
        File.CreateSymbolicLink(In("..data_tmp"), version);
        using var rename = Process.Start("mv", ["-T", In("..data_tmp"), In("..data")]); // .NET does not replace a link to a directory
        rename.WaitForExit();
        Assert.Equal(0, rename.ExitCode);
    }

    private void Link(string name)
    {
        if (new FileInfo(In(name)).LinkTarget is null)
            File.CreateSymbolicLink(In(name), System.IO.Path.Combine("..data", name));
    }
}
