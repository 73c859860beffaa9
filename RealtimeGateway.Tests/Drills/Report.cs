using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Drills;

/// <summary>What the drills counted, for whoever runs them: the test runner shows nothing of a test that passes, so <c>test.sh</c> prints the file.</summary>
internal static class Report
{
    private static readonly string Path = System.IO.Path.Combine(Repository.Root, "TestResults", "drills.txt");

    public static void Add(string line)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        File.AppendAllText(Path, line + Environment.NewLine);
        TestContext.Current.TestOutputHelper!.WriteLine(line);
    }
}
