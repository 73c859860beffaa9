using RealtimeGateway.Credentials;
using RealtimeGateway.Doctor.Findings;
using RealtimeGateway.Proxy;
using RealtimeGateway.Sessions;

namespace RealtimeGateway.Doctor;

/// <summary>Runs every check on one resource, in order, and asks what only the resource can answer. A check that lacks what it needs is skipped.</summary>
/// <param name="told">Hears of every check as soon as it is judged.</param>
internal sealed class Examination(Resource resource, SettingNames names, BegunCalls calls, Minting minting, TimeProvider time, Action<CheckResult> told)
{
    private readonly DestinationReport _report = new(
        resource.Destination.Cluster, resource.Destination.Name, resource.Destination.Address.AbsoluteUri,
        resource.Destination.Dialect.ApiVersion is { } version ? $"preview {version}" : "ga", resource.Destination.Deployment);

    private readonly CredentialKind _kind = resource.Destination.Credential switch { EntraCredential => CredentialKind.Entra, ApiKeyCredential => CredentialKind.Key, _ => CredentialKind.None };

    private CheckResult? _mint;

    public async Task<DestinationReport> RunAsync(CancellationToken cancellation)
    {
        try
        {
            if (await CheckAsync(CheckNames.Connection, null, token => ConnectionCheck.RunAsync(resource, token), cancellation))
                await ExamineAsync(cancellation);
            else
                SkipRest("no connection");
        }
        finally
        {
            await EndCallsAsync();
        }

        return _report;
    }

    private async Task EndCallsAsync()
    {
        await calls.EndAllAsync();
        if (calls.Left == 0)
            return;
        Tell(new(CheckNames.HangUp, Verdict.Failed)
        {
            Trouble = "calls_left",
            Cause = $"{calls.Left} call(s) could not be hung up and may go on for up to an hour. They have no media, so nobody hears or says anything.",
            Setting = "none of the gateway's; see the checks above",
        });
    }

    private async Task ExamineAsync(CancellationToken cancellation)
    {
        var mint = new MintCheck(resource, minting, time);
        foreach (var session in resource.Sessions)
            await CheckAsync(CheckNames.Mint, session, token => mint.RunAsync(session, token), cancellation);
        if (!resource.Destination.Dialect.TakesCalls)
        {
            SkipRest("the gateway only mints at a destination of the preview protocol");
            return;
        }

        foreach (var session in resource.Sessions)
            await CheckAsync(CheckNames.Socket, session, token => SocketCheck.RunAsync(resource, session, token), cancellation);
        if (mint.Minted is var (minted, secret))
            await CallAsync(mint, minted, secret, cancellation);
        else
            SkipRest("no secret was minted");
    }

    private async Task CallAsync(MintCheck mint, RequestedSession session, EphemeralSecret secret, CancellationToken cancellation)
    {
        var call = new CallCheck(resource, calls, time);
        using var sideband = new SidebandCheck(resource);
        await CheckAsync(CheckNames.Call, session, token => call.RunAsync(session, secret, token), cancellation);
        string? sidebandsEnd = null;
        if (call.Id.Length > 0)
        {
            await CheckAsync(CheckNames.Sideband, null, token => sideband.RunAsync(call.Id, token), cancellation);
            if (await CheckAsync(CheckNames.HangUp, null, _ => HangUpCheck.RunAsync(calls, call.Id), cancellation))
                sidebandsEnd = await sideband.EndAsync(cancellation);
        }
        else
        {
            SkipRest("no call that could be named was begun");
        }

        _report.Findings.AddRange(await new OpenPoints(resource, calls, mint, minting, time).AskAsync(call, secret, sidebandsEnd, cancellation));
    }

    private async Task<bool> CheckAsync(string name, RequestedSession? session, Func<CancellationToken, Task<Observation>> check, CancellationToken cancellation)
    {
        using var clock = new CancellationTokenSource(resource.Patience.Time, time);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation, clock.Token);
        var began = time.GetTimestamp();
        Observation seen;
        try
        {
            seen = await check(patience.Token);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && Trouble.Of(e) is not null)
        {
            seen = Trouble.Of(e)!;
        }

        return Tell(Judge(name, session, seen) with { Milliseconds = (long)time.GetElapsedTime(began).TotalMilliseconds });
    }

    private CheckResult Judge(string name, RequestedSession? session, Observation seen)
    {
        var result = new CheckResult(name, seen.Trouble is null ? Verdict.Ok : Verdict.Failed)
        {
            Detail = seen.Detail,
            Status = seen.Status > 0 ? seen.Status : null,
            Trouble = seen.Trouble,
            AzureRequestId = seen.AzureRequestId,
        };
        if (seen.Trouble is not { } trouble)
            return result;
        // What stopped the mint already is the reason here, too.
        var asked = _mint?.Status == result.Status && _mint is { Trouble: { } first } && result.Status is not null ? (CheckNames.Mint, first) : (name, trouble);
        var diagnosis = Diagnosis.Of(asked.Item1, asked.Item2, seen.Status, _kind);
        return result with { Cause = diagnosis.Cause, Setting = names.Of(diagnosis.Setting, session, seen.Param) };
    }

    private bool Tell(CheckResult result)
    {
        if (result.Check is CheckNames.Mint)
            _mint ??= result;
        _report.Checks.Add(result);
        told(result);
        return result.Verdict is Verdict.Ok;
    }

    private void SkipRest(string reason)
    {
        foreach (var name in CheckNames.All.Except(_report.Checks.Select(check => check.Check)).ToArray())
            Tell(new(name, Verdict.Skipped) { Detail = reason });
    }
}
