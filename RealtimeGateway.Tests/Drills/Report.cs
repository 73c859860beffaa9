using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Drills;

/// <summary>What drills counted, for whoever runs them: the test runner shows nothing of a test that passes, so <c>test.sh</c> prints the file.</summary>
internal static class Report
{
    private static readonly string Folder = Path.Combine(Repository.Root, "TestResults");

    public static void Add(string line, string file = "drills.txt")
    {
        Directory.CreateDirectory(Folder);
        File.AppendAllText(Path.Combine(Folder, file), line + Environment.NewLine);
        TestContext.Current.TestOutputHelper!.WriteLine(line);
    }
}
