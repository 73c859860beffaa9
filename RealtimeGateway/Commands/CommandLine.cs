using RealtimeGateway.Callers;
using RealtimeGateway.Doctor;
using RealtimeGateway.Health;

namespace RealtimeGateway.Commands;

/// <summary>What the program does besides serving: <c>RealtimeGateway COMMAND</c>. None listens but for the simulator, and only <c>doctor</c> and <c>health</c> use the network.</summary>
internal static class CommandLine
{
    /// <summary>Exit codes: what was asked for is so, is not so, or was asked in a way that nobody understands.</summary>
    public const int Success = 0, Failure = 1, WrongUsage = 2;

    private static readonly Command[] Commands =
    [
        new("new-key", "[NAME]", "Make a key for a caller, and the hash of it for the configuration.",
            (arguments, console) => Task.FromResult(NewKeyCommand.Run(arguments, console.Output, console.Error))),
        new("validate", "[FILE…] [--json]", "Check the configuration, or these files in place of appsettings.json. Exit code 0: good, 1: faulty.",
            ValidateCommand.RunAsync),
        new("print-config", "[--json]", "Show every setting in force without its secrets, and where it comes from.", PrintConfigCommand.RunAsync),
        new("doctor", "[DESTINATION…] [--json]",
            "Ask the destinations, or these, for what the gateway will need: what works, and what to change. It says the costs first. Exit code 0: all works, 1: something does not.",
            DoctorCommand.RunAsync),
        new("health", "[URL]", "Ask the gateway that runs here, or at this address, whether it is ready. Exit code 0: it is, 1: it is not.", HealthCommand.RunAsync),
    ];

    /// <summary>Runs the command that the arguments name. <c>null</c>: they name none, and the gateway should start.</summary>
    public static async Task<int?> RunAsync(string[] args, CommandConsole console)
    {
        if (args is not [var name, .. var arguments])
            return null;
        if (name is "help" or "--help" or "-h" or "-?")
            return Explain(console.Output, Success);
        if (Array.Find(Commands, command => command.Name == name) is { } command)
            return await command.RunAsync(arguments, console);
        // Everything else that the host understands has a sign: --urls http://localhost:1, /urls=…, urls=…
        if (name.StartsWith('-') || name.StartsWith('/') || name.Contains('=', StringComparison.Ordinal))
            return null;
        await console.Error.WriteLineAsync($"There is no command {name}.");
        return Explain(console.Error, WrongUsage);
    }

    private static int Explain(TextWriter writer, int exitCode)
    {
        writer.WriteLine("RealtimeGateway [--urls URL] [--environment NAME] [--SETTING VALUE]");
        writer.WriteLine("    Serve.");
        foreach (var command in Commands)
        {
            writer.WriteLine($"RealtimeGateway {command.Name} {command.Arguments}");
            writer.WriteLine($"    {command.Purpose}");
        }

        writer.WriteLine("validate, print-config and doctor take --environment NAME and --contentRoot FOLDER as well.");
        return exitCode;
    }

    private sealed record Command(string Name, string Arguments, string Purpose, Func<string[], CommandConsole, Task<int>> RunAsync);
}

/// <summary>What a command is given: where to write, and how the gateway's own services are registered.</summary>
internal sealed record CommandConsole(TextWriter Output, TextWriter Error, Action<WebApplicationBuilder> AddGateway);
