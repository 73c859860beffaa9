namespace RealtimeGateway.Configuration;

/// <summary>What all regular expressions have in common.</summary>
internal static class Patterns
{
    /// <summary>
    /// Milliseconds that a match may take. They are of the wall's clock, also where a container's CPU limit holds the process up, and end in an exception: so many that only a
    /// pattern that never ends gets there. What outsiders write meets patterns that are anchored and bounded in length, and need none of them.
    /// </summary>
    public const int Timeout = 10_000;
}
