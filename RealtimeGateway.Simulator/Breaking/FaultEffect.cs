using System.Diagnostics.CodeAnalysis;

namespace RealtimeGateway.Simulator.Breaking;

/// <summary>
/// Everything that can go wrong with an answer. An effect is one entry here: its name in JSON, what it does, and the parameters of
/// <see cref="Fault"/> it takes.
/// </summary>
public sealed class FaultEffect
{
    // Before the entries: each one adds itself.
    private static readonly List<FaultEffect> Entries = [];

    private FaultEffect(string name, Func<FaultedExchange, Task> apply, params IReadOnlyList<string> takes)
    {
        (Name, ApplyAsync, Takes) = (name, apply, takes);
        Entries.Add(this);
    }

    /// <summary>Answers with another status and Azure's body for it.</summary>
    public static FaultEffect Status { get; } = new("status", StatusAnswers.AnswerAsync,
        "status", "variant", "location", "retryAfter", "retryAfterMs", "retryAfterDate");

    /// <summary>Waits, then answers normally.</summary>
    public static FaultEffect Delay { get; } = new("delay", ConnectionFaults.DelayAsync, "delayMs");

    /// <summary>Does what was asked at once and answers only then; a caller that is gone by then never learns of it.</summary>
    public static FaultEffect Late { get; } = new("late", ConnectionFaults.LateAsync, "delayMs");

    /// <summary>Never answers: until the client leaves or the simulator stops.</summary>
    public static FaultEffect Hang { get; } = new("hang", ConnectionFaults.HangAsync);

    /// <summary>Sends the headers and half of the body, then nothing more.</summary>
    public static FaultEffect HangMidBody { get; } = new("hangMidBody", ConnectionFaults.HangMidBodyAsync);

    /// <summary>Resets the TCP connection instead of answering.</summary>
    public static FaultEffect Reset { get; } = new("reset", ConnectionFaults.ResetAsync);

    /// <summary>Resets the TCP connection in the middle of the body.</summary>
    public static FaultEffect ResetMidBody { get; } = new("resetMidBody", ConnectionFaults.ResetMidBodyAsync);

    /// <summary>Ends the connection in good order after half of the announced Content-Length.</summary>
    public static FaultEffect Truncated { get; } = new("truncated", ConnectionFaults.TruncateAsync);

    /// <summary>Answers half of the JSON under a Content-Length that fits.</summary>
    public static FaultEffect CutJson { get; } = new("cutJson", BodyFaults.CutJsonAsync);

    /// <summary>Answers 200 with a page.</summary>
    public static FaultEffect Html { get; } = new("html", BodyFaults.HtmlAsync);

    /// <summary>Answers 200 with no body.</summary>
    public static FaultEffect Empty { get; } = new("empty", BodyFaults.EmptyAsync);

    /// <summary>Answers 200 with JSON whose members have the wrong types.</summary>
    public static FaultEffect Garbage { get; } = new("garbage", BodyFaults.GarbageAsync);

    /// <summary>Answers 200 with the normal members and more than 8 MiB of padding.</summary>
    public static FaultEffect Oversized { get; } = new("oversized", BodyFaults.OversizedAsync);

    /// <summary>Compresses the normal answer, whether it was asked for or not.</summary>
    public static FaultEffect Gzip { get; } = new("gzip", BodyFaults.GzipAsync);

    /// <summary>Compresses the normal answer and leaves out the second half.</summary>
    public static FaultEffect TruncatedGzip { get; } = new("truncatedGzip", BodyFaults.TruncatedGzipAsync);

    /// <summary>Sends the normal answer in chunks, without a Content-Length.</summary>
    public static FaultEffect Chunked { get; } = new("chunked", BodyFaults.ChunkedAsync);

    /// <summary>Answers 201 where 200 is usual.</summary>
    public static FaultEffect Created { get; } = new("created", ShapeVariations.CreatedAsync);

    /// <summary>Answers 200 where 201 is usual.</summary>
    public static FaultEffect Ok { get; } = new("ok", ShapeVariations.OkAsync);

    /// <summary>Answers with a <c>Location</c> that names scheme and host.</summary>
    public static FaultEffect AbsoluteLocation { get; } = new("absoluteLocation", ShapeVariations.AbsoluteLocationAsync);

    /// <summary>Answers a GA mint with the secret where the preview surface has it.</summary>
    public static FaultEffect NestedSecret { get; } = new("nestedSecret", ShapeVariations.NestedSecretAsync);

    /// <summary>Adds members that nobody knows, and nulls.</summary>
    public static FaultEffect ExtraMembers { get; } = new("extraMembers", ShapeVariations.ExtraMembersAsync);

    /// <summary>Leaves out the id of the session, and <c>Location</c>.</summary>
    public static FaultEffect MissingId { get; } = new("missingId", ShapeVariations.MissingIdAsync);

    /// <summary>All effects, in the order above.</summary>
    public static IReadOnlyList<FaultEffect> All => Entries;

    /// <summary>The effect's name in JSON.</summary>
    public string Name { get; }

    /// <summary>JSON names of the parameters it takes.</summary>
    public IReadOnlyList<string> Takes { get; }

    internal Func<FaultedExchange, Task> ApplyAsync { get; }

    /// <summary>Whether it can happen to an operation: neither a handshake nor the answer of a hang-up has a body to spoil.</summary>
    internal bool Meets(FaultOperation operation) => operation switch
    {
        FaultOperation.Socket or FaultOperation.Sideband => NeedsNoBody,
        FaultOperation.Hangup => NeedsNoBody || this == Late || this == Garbage || this == Oversized || this == Created,
        _ => true,
    };

    private bool NeedsNoBody => this == Status || this == Delay || this == Hang || this == Reset || this == Html || this == Empty;

    /// <summary>Finds an effect by its name in JSON.</summary>
    public static bool TryFind(string? name, [NotNullWhen(true)] out FaultEffect? effect)
    {
        effect = Entries.Find(entry => entry.Name == name);
        return effect is not null;
    }

    /// <inheritdoc />
    public override string ToString() => Name;
}
