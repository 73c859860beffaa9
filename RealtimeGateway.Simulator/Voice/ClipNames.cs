namespace RealtimeGateway.Simulator.Voice;

/// <summary>
/// The clips that the model chooses by name. Those of colours and of titles of pages it finds by their prefix.
/// </summary>
internal static class ClipNames
{
    public const string ColourPrefix = "colour-";
    public const string TitlePrefix = "title-";

    public const string Greeting = "greeting";
    public const string Hello = "hello";
    public const string Help = "help";
    public const string Who = "who";
    public const string Thanks = "thanks";
    public const string Goodbye = "goodbye";
    public const string SmallTalk = "smalltalk";
    public const string Listening = "listening";
    public const string Picture = "picture";
    public const string WhichColour = "which-colour";
    public const string ToolMissing = "tool-missing";
    public const string ToolForbidden = "tool-forbidden";
    public const string ToolFailed = "tool-failed";
    public const string ToolAnswered = "tool-answered";
    public const string BackgroundMade = "background-made";
    public const string TextMade = "text-made";
    public const string BackgroundChanged = "background-changed";
    public const string TextChanged = "text-changed";
    public const string PageCalled = "page-called";
    public const string PageRead = "page-read";
    public const string PageEmpty = "page-empty";
    public const string Story = "story";
}
