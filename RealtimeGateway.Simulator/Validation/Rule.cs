using System.Text.Json;

namespace RealtimeGateway.Simulator.Validation;

/// <summary>Checks one JSON value; <paramref name="path"/> names it in the violation, empty for the document itself.</summary>
internal delegate Violation? Rule(JsonElement value, string path);

/// <summary>A member that an object may have, or must have.</summary>
internal readonly record struct Member(string Name, Rule Rule, bool Required = false);
