using RealtimeGateway.Credentials;
using RealtimeGateway.Proxy;

namespace RealtimeGateway.Doctor.Findings;

/// <summary>
/// What the service's documentation leaves open, asked of this resource. An answer is no failure, whatever it is; what cannot be asked is said, too.
/// </summary>
internal sealed class OpenPoints(Resource resource, BegunCalls calls, MintCheck mint, Minting minting, TimeProvider time)
{
    public async Task<IReadOnlyList<Finding>> AskAsync(CallCheck call, EphemeralSecret secret, string? sidebandsEnd, CancellationToken cancellation)
    {
        var body = minting.BodyFor(resource.Sessions[0], resource.Destination);
        Finding[] findings =
        [
            .. await TryAsync("form_on_calls", async token => [await FormWithKey.AskAsync(resource, calls, token)], cancellation),
            CallLocation.Of(call.Location, resource.Destination),
            new("event_filter", "not decidable here: whether webrtcfilter also holds back what a browser sends shows on a data channel, and this call has no media"),
            .. await TryAsync("refused_secret", token => RefusedSecret.AskAsync(resource, calls, token), cancellation),
            .. await TryAsync("get_and_delete", token => OtherMethods.AskAsync(resource, call.Id, token), cancellation),
            .. await TryAsync("tracing", async token => [await ExtraOfMint.TracingAsync(resource, mint, body, token)], cancellation),
            .. await TryAsync("safety_identifier", async token => [await ExtraOfMint.SafetyIdentifierAsync(resource, mint, body, token)], cancellation),
            .. await TryAsync("secret_on_socket", async token => [await SecretOnSocket.AskAsync(resource, secret, token)], cancellation),
            new("sideband_after_hang_up", sidebandsEnd ?? "there was none"),
        ];
        return [.. findings, new("quota_headers", resource.RateHeaders.Count == 0 ? "none" : string.Join(", ", resource.RateHeaders))];
    }

    private async Task<IReadOnlyList<Finding>> TryAsync(string point, Func<CancellationToken, Task<IReadOnlyList<Finding>>> ask, CancellationToken cancellation)
    {
        using var clock = new CancellationTokenSource(resource.Patience.Time, time);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation, clock.Token);
        try
        {
            return await ask(patience.Token);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && Trouble.Of(e) is not null)
        {
            return [new(point, $"no answer: {Trouble.Of(e)!.Trouble}")];
        }
    }
}
