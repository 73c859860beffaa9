using System.Diagnostics;
using System.Net.Http.Headers;

namespace RealtimeGateway.Credentials;

/// <summary>What proves the gateway to the destinations that name it. It outlives reloads that leave its settings as they are.</summary>
internal interface ICredential
{
    /// <summary>Its name in section <c>Credentials</c>; safe as a metric label.</summary>
    string Name { get; }

    /// <summary>Every word that its report's state may be; a closed list, safe as a metric label.</summary>
    IReadOnlyList<string> States { get; }

    /// <summary>It, for one destination: what that one refuses says nothing of the others.</summary>
    /// <param name="previous">What the destination had until now; what it has refused is remembered.</param>
    ICredential For(ICredential? previous);

    /// <summary>The proof to send now.</summary>
    /// <exception cref="CredentialAwayException">There is none at the moment.</exception>
    ValueTask<Proof> CurrentAsync(CancellationToken cancellation);

    /// <summary>
    /// A destination answered 401 to this proof. <c>true</c>: another one is current now that it has not refused, so that another try at once
    /// makes sense.
    /// </summary>
    bool TryTurnFrom(Proof refused);

    /// <summary>A destination took this proof.</summary>
    void Accepted(Proof proof);

    /// <summary>How it is, for the operator.</summary>
    CredentialReport Report();
}

/// <summary>One key or token. Its value can only be put on a request.</summary>
[DebuggerDisplay("***")]
internal sealed class Proof(string header, string value)
{
    /// <summary>Whether a request can carry this value as it is.</summary>
    public static bool CanCarry(string value) => !value.AsSpan().ContainsAnyExceptInRange(' ', '~');

    public void Authorize(HttpRequestHeaders headers) => headers.TryAddWithoutValidation(header, value);

    public override string ToString() => "***";
}

/// <param name="Name">The credential's name in configuration.</param>
/// <param name="State">One word from a closed list of the kind of credential.</param>
/// <param name="Since">Since when, unless it has always been so.</param>
internal sealed record CredentialReport(string Name, string State, DateTimeOffset? Since);

/// <summary>There is no proof to send; the message names the credential and the cause, never a value.</summary>
internal sealed class CredentialAwayException(string name, string cause) : Exception($"Credential {name} has no token: {cause}");
