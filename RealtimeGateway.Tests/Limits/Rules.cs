using RealtimeGateway.Limits;

namespace RealtimeGateway.Tests.Limits;

internal static class Rules
{
    /// <summary>A rule of one minute for all.</summary>
    public static LimitRule Of(string kind, int permits, string name = "rule") => new(
        name, Enum.Parse<LimitKind>(kind), permits, TimeSpan.FromMinutes(1), permits, LimitBy.Global, WithoutRedis.Local);
}
