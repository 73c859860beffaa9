namespace RealtimeGateway.Sessions;

/// <summary>The session that a caller asked for, within what its profile allows.</summary>
/// <param name="Profile">The rules.</param>
/// <param name="Model">The model by the name that the caller used, or the profile's default alias.</param>
internal sealed record RequestedSession(SessionProfile Profile, string Model)
{
    public string Voice { get; init; } = Profile.DefaultVoice;

    public string? Instructions { get; init; } = Profile.Options.Instructions;

    public OutputModality OutputModality { get; init; } = Profile.Options.OutputModality;

    /// <summary>Seconds for which the secret opens sessions.</summary>
    public int SecretLifetimeSeconds { get; init; } = Profile.Options.SecretLifetimeSeconds;

    /// <summary>Whether all but model and voice is the profile's, so that only as many bodies are possible as there are choices of both.</summary>
    public bool IsOfProfile =>
        ReferenceEquals(Instructions, Profile.Options.Instructions) && ReferenceEquals(Tools, Profile.Tools) && OutputModality == Profile.Options.OutputModality;

    /// <summary>A JSON array of function tools; <c>null</c> for none.</summary>
    public byte[]? Tools { get; init; } = Profile.Tools;
}
