namespace RealtimeGateway.Simulator.Conversations;

/// <summary>Which event protocol a conversation speaks.</summary>
internal enum Surface
{
    /// <summary><c>/openai/v1</c>: nested session, <c>response.output_audio.*</c>, <c>conversation.item.added</c>.</summary>
    Ga,

    /// <summary>The deprecated one: flat session, <c>response.audio.*</c>, <c>conversation.item.created</c>.</summary>
    Preview,
}
