using RealtimeGateway.Credentials;

namespace RealtimeGateway.Tests.Credentials;

internal static class SentProof
{
    public static bool IsThere(ValueTask<Proof> proof) => proof.IsCompletedSuccessfully;

    /// <summary>The one header that the proof puts on a request.</summary>
    public static (string Header, string Value) Sent(this Proof proof)
    {
        using var request = new HttpRequestMessage();
        proof.Authorize(request.Headers);
        var header = Assert.Single(request.Headers.NonValidated);
        return (header.Key, Assert.Single(header.Value));
    }
}
