using System.Net;
using System.Net.Http.Headers;
using RealtimeGateway.Credentials;
using RealtimeGateway.Telemetry;
using RealtimeGateway.Web;
using Yarp.ReverseProxy.Model;

namespace RealtimeGateway.Proxy;

/// <summary>
/// Requests that the gateway makes by itself: over the connections of the destination's cluster, with the destination's credential, and with failures
/// understood as those of forwarded requests are.
/// </summary>
internal sealed partial class DestinationRequests(GatewayMetrics metrics, TimeProvider time, ILogger<DestinationRequests> logger)
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    /// <param name="body">JSON; <c>null</c> for none.</param>
    /// <param name="operation">What it is for, in metrics; from a closed list.</param>
    public async Task<DestinationAnswer> PostAsync(
        ClusterModel cluster, Destination destination, PathString path, byte[]? body, string operation, string requestId, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage { Method = HttpMethod.Post, Content = body is null ? null : new ByteArrayContent(body) { Headers = { ContentType = Json } } };
        request.Version = cluster.Config.HttpRequest?.Version ?? HttpVersion.Version20;
        request.VersionPolicy = cluster.Config.HttpRequest?.VersionPolicy ?? HttpVersionPolicy.RequestVersionOrLower;
        var sentAt = time.GetTimestamp();
        using var span = RequestSpan.Begin(operation, destination.Name);
        var outcome = "none";
        try
        {
            var proof = await DestinationClient.PrepareAsync(request, destination, path, QueryString.Empty, cancellation);
            var response = await cluster.HttpClient.SendAsync(request, cancellation);
            outcome = response.IsSuccessStatusCode ? "ok" : "refused";
            if (response.IsSuccessStatusCode && proof is not null)
                destination.Credential!.Accepted(proof);
            return new(response, proof, Failure: null);
        }
        catch (CredentialAwayException e)
        {
            Log.Away(logger, destination.Name, e.Message, requestId);
            return new(Response: null, Proof: null, UpstreamFailure.NoToken);
        }
        // A connection that took too long is the destination's; any other cancellation comes from whoever asked.
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            var failure = UpstreamFailure.OfRequest(e);
            outcome = failure.Error.Code;
            Log.NotSent(logger, operation, failure.Cause, destination.Name, e.GetBaseException().Message, requestId);
            return new(Response: null, Proof: null, failure);
        }
        finally
        {
            metrics.Asked(destination.Name, operation, time.GetElapsedTime(sentAt), outcome);
            span?.SetOutcome(outcome);
        }
    }

    /// <summary>What a refusal means, and a line in the log.</summary>
    public async Task<UpstreamFailure> ReadRefusalAsync(
        HttpResponseMessage response, Destination destination, bool isMint, string requestId, CancellationToken cancellation)
    {
        var failure = await UpstreamRefusal.ReadAsync(response, destination, isMint, time, cancellation);
        Note(failure, response, destination, requestId);
        return failure;
    }

    /// <summary>A line in the log for a refusal that has been read.</summary>
    public void Note(UpstreamFailure failure, HttpResponseMessage response, Destination destination, string requestId)
    {
        var level = failure.Error.Code == GatewayError.UpstreamMisconfigured.Code ? LogLevel.Error : LogLevel.Warning;
        Log.Refused(logger, level, destination.Name, failure.Status, failure.Cause, failure.Error.Code, requestId, UpstreamRequestId(response));
    }

    /// <summary>The id that Azure support asks for.</summary>
    public static string? UpstreamRequestId(HttpResponseMessage response) =>
        response.Headers.TryGetValues("apim-request-id", out var values) ? values.First() : null;

    private static partial class Log
    {
        [LoggerMessage(EventId = 1, Message = "Destination {Destination} answered {Status} ({UpstreamCode}): {Code}, request {RequestId}, apim-request-id {UpstreamRequestId}")]
        public static partial void Refused(
            ILogger logger, LogLevel level, string destination, int status, string? upstreamCode, string code, string requestId, string? upstreamRequestId);

        [LoggerMessage(2, LogLevel.Warning, "No {Operation}: {Cause} at destination {Destination} ({Detail}), request {RequestId}")]
        public static partial void NotSent(ILogger logger, string operation, string cause, string destination, string detail, string requestId);

        [LoggerMessage(3, LogLevel.Error, "Destination {Destination} cannot be asked: {Cause}, request {RequestId}")]
        public static partial void Away(ILogger logger, string destination, string cause, string requestId);
    }
}

/// <summary>What came of a request: an answer of whatever status and the proof that it was asked with, or a failure.</summary>
internal sealed record DestinationAnswer(HttpResponseMessage? Response, Proof? Proof, UpstreamFailure? Failure) : IDisposable
{
    public void Dispose() => Response?.Dispose();
}
