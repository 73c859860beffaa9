using System.Security.Cryptography;

namespace RealtimeGateway.Simulator.Conversations;

/// <summary>Names for things of a conversation, with the service's prefixes.</summary>
internal static class Ids
{
    private const int RandomCharacters = 21;
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    public static string Event() => New("event_");

    public static string Item() => New("item_");

    public static string Response() => New("resp_");

    public static string Call() => New("call_");

    public static string Conversation() => New("conv_");

    private static string New(string prefix) => prefix + RandomNumberGenerator.GetString(Alphabet, RandomCharacters);
}
