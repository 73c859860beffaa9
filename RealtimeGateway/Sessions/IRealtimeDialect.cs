using System.Text.Json;

namespace RealtimeGateway.Sessions;

/// <summary>How one protocol generation of the service words the same session.</summary>
internal interface IRealtimeDialect
{
    /// <summary>What the operator should know about this generation; <c>null</c> for nothing.</summary>
    string? Warning { get; }

    /// <summary>The path that mints, where it is not the one that the route's transforms set; <c>null</c> keeps the route's.</summary>
    PathString? MintPath { get; }

    /// <summary>The <c>api-version</c> of the query; <c>null</c> for none.</summary>
    string? ApiVersion { get; }

    /// <summary>Whether the gateway can begin and end calls there by itself.</summary>
    bool TakesCalls { get; }

    /// <summary>Writes the body of the minting request.</summary>
    void WriteMintRequest(Utf8JsonWriter writer, RequestedSession session, string deployment);

    /// <summary>Where a browser posts its SDP offer for sessions minted at <paramref name="address"/>.</summary>
    string WebRtcUrl(Uri address, Uri? configured, string? deployment);
}
