using System.Security.Cryptography;

namespace RealtimeGateway.Simulator.Calls;

/// <summary>The ids of calls, <c>rtc_…</c>.</summary>
internal static class CallId
{
    public static string New() => "rtc_" + RandomNumberGenerator.GetHexString(24, lowercase: true);
}
