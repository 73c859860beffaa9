using RealtimeGateway.Calls;

namespace RealtimeGateway.Doctor;

/// <summary>Ends the call, as <c>DELETE /calls/{id}</c> does.</summary>
internal static class HangUpCheck
{
    public static async Task<Observation> RunAsync(BegunCalls calls, string call)
    {
        var (over, failure) = await calls.EndAsync(call);
        return failure is not null ? Trouble.Of(failure)
            : over == CallEnd.Gone ? new() { Trouble = Trouble.Gone, Status = StatusCodes.Status404NotFound }
            : new() { Detail = "the call is over" };
    }
}
