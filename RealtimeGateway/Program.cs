using RealtimeGateway.Callers;
using RealtimeGateway.Calls;
using RealtimeGateway.Commands;
using RealtimeGateway.Configuration;
using RealtimeGateway.Credentials;
using RealtimeGateway.Development;
using RealtimeGateway.Health;
using RealtimeGateway.KeyRing;
using RealtimeGateway.Limits;
using RealtimeGateway.Proxy;
using RealtimeGateway.Sessions;
using RealtimeGateway.Sockets;
using RealtimeGateway.Telemetry;
using RealtimeGateway.Tickets;
using RealtimeGateway.Web;

ThreadScheduling.LetWorkingThreadsFinish();
if (await CommandLine.RunAsync(args, new(Console.Out, Console.Error, AddGateway)) is { } exitCode)
    return exitCode;
if (!ContentRoot.TryCreateBuilder(args, out var builder))
    return 1;

AddGateway(builder);
await using var app = builder.Build();
if (!await app.TryLoadConfigurationAsync())
    return 1;

app.UseShutdown();
app.UseProxies();
app.UseRequestId();
app.UseRequestLog();
app.UseErrorEnvelope();
app.UseSecurityHeaders();
app.UseManagementPort();
app.UseAllowedHosts();
app.UsePage();
app.UseRouting();
app.UsePagesOfOthers();
app.UseFailedAuthenticationLimit();
app.UseCallers();
app.UseLimits();

app.MapHealth();
app.MapManagement();
app.MapApiDescription();
app.MapProfiles();
app.MapCalls();
app.MapWebRtcReports();
app.MapGatewayProxy();

await app.RunAsync();
return 0;

static void AddGateway(WebApplicationBuilder builder)
{
    builder.AddLiveConfiguration();
    builder.AddSimulator();
    builder.AddListener();
    builder.AddAllowedHosts();
    builder.AddCallers();
    builder.AddInboundLimits();
    builder.AddCredentials();
    builder.AddLimits();
    builder.AddKeyRing();
    builder.AddGatewayProxy();
    builder.AddSockets();
    builder.AddCalls();
    builder.AddTickets();
    builder.AddHealth();
    builder.AddTelemetry();
    builder.AddApiDescription();
}
