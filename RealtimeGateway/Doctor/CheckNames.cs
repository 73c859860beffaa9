namespace RealtimeGateway.Doctor;

/// <summary>The checks of one destination, in their order.</summary>
internal static class CheckNames
{
    public const string Connection = "connection";
    public const string Mint = "mint";
    public const string Socket = "socket";
    public const string Call = "call";
    public const string Sideband = "sideband";
    public const string HangUp = "hang_up";

    public static readonly string[] All = [Connection, Mint, Socket, Call, Sideband, HangUp];
}
