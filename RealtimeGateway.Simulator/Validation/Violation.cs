namespace RealtimeGateway.Simulator.Validation;

/// <summary>Why a JSON document is refused: the code, the path of the member and, for an unknown one, the names that are known.</summary>
internal sealed record Violation(string Code, string? Param, string Message, IReadOnlyList<string> Known)
{
    public static Violation Of(string code, string message, string? param = null) => new(code, param, message, []);

    public static Violation Unknown(string param, IReadOnlyList<string> known) =>
        new("unknown_parameter", param, $"Unknown parameter: '{param}'.", known);

    public static Violation Missing(string param) =>
        new("missing_required_parameter", param, $"Missing required parameter: '{param}'.", []);

    public static Violation Invalid(string param, IEnumerable<string> allowed) => Invalid(param, $"one of {string.Join(", ", allowed)}");

    public static Violation Invalid(string param, string expectation) =>
        new("invalid_value", param, $"Invalid value: '{param}' has to be {expectation}.", []);
}
