using System.Diagnostics;

namespace RealtimeGateway.Credentials;

/// <summary>
/// One key and what destinations thought of it. It outlives a reload that leaves its value as it is, so that a key that was refused is not tried again
/// because another one changed.
/// </summary>
[DebuggerDisplay("{ToString(),nq}")]
internal sealed class ApiKey(string value)
{
    private volatile bool _isRefused;

    public Proof Proof { get; } = new(ApiKeyCredential.HeaderName, value);

    public bool IsRefused
    {
        get => _isRefused;
        set => _isRefused = value;
    }

    public bool Is(string other) => value == other;

    public override string ToString() => "***";
}
