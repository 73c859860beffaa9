using System.Runtime.InteropServices;

namespace RealtimeGateway.Web;

/// <summary>
/// How Linux shares a core among threads. A thread that hears of a socket wakes up for every message, and as a rule takes the core at once from the one that is working: two changes of
/// threads for each request. As a batch process nobody is interrupted: what came meanwhile is taken together a moment later.
/// </summary>
internal static class ThreadScheduling
{
    private const int OfThisThread = 0;
    private const int Batch = 3; // SCHED_BATCH, sched(7)
    private const int NoPriority = 0; // this policy has no other; sched_param has no other member

    /// <summary>For this thread and all that it begins, so call it before there are others. Needs no privilege; where the kernel will not have it, things stay as they are.</summary>
    public static void LetWorkingThreadsFinish()
    {
        if (OperatingSystem.IsLinux())
            _ = SetScheduler(OfThisThread, Batch, NoPriority);
    }

    [DllImport("libc", EntryPoint = "sched_setscheduler")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetScheduler(int thread, int policy, in int priority);
}
