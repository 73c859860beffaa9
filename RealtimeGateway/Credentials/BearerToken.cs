using Azure.Core;

namespace RealtimeGateway.Credentials;

/// <summary>A token of Microsoft Entra ID while it may be sent.</summary>
internal sealed class BearerToken
{
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(30);

    private BearerToken(Proof proof, DateTimeOffset expiresAt, DateTimeOffset refreshAt) => (Proof, ExpiresAt, RefreshAt) = (proof, expiresAt, refreshAt);

    public Proof Proof { get; }

    public DateTimeOffset ExpiresAt { get; }

    /// <summary>When to ask for the next one: when the issuer says so, else a tenth of its life before the end, five minutes at most.</summary>
    public DateTimeOffset RefreshAt { get; }

    /// <summary>The token to send; <c>null</c> when this is none that could be.</summary>
    public static BearerToken? Of(AccessToken answer, DateTimeOffset now)
    {
        if (string.IsNullOrEmpty(answer.Token) || !Proof.CanCarry(answer.Token) || answer.ExpiresOn <= now)
            return null;

        var tenth = (answer.ExpiresOn - now) / 10;
        var refreshAt = answer.RefreshOn ?? answer.ExpiresOn - (tenth < Margin ? tenth : Margin);
        // A library that answers from its own cache is not asked again at once, but before the token is of no use.
        if (refreshAt < now + ShortestPause)
            refreshAt = now + ShortestPause;
        return new(new Proof("Authorization", $"Bearer {answer.Token}"), answer.ExpiresOn, refreshAt < answer.ExpiresOn ? refreshAt : answer.ExpiresOn);
    }

    public bool IsGood(DateTimeOffset now) => now < ExpiresAt;

    public override string ToString() => $"*** until {ExpiresAt:O}";
}
