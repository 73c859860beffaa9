using RealtimeGateway.Callers;
using RealtimeGateway.Configuration;
using RealtimeGateway.Credentials;
using RealtimeGateway.Development;
using RealtimeGateway.Health;
using RealtimeGateway.Limits;
using RealtimeGateway.Proxy;
using RealtimeGateway.Sessions;
using RealtimeGateway.Telemetry;
using RealtimeGateway.Web;

if (NewKeyCommand.Run(args, Console.Out, Console.Error) is { } exitCode)
    return exitCode;
if (!ContentRoot.TryCreateBuilder(args, out var builder))
    return 1;

builder.AddLiveConfiguration();
builder.AddSimulator();
builder.AddListener();
builder.AddAllowedHosts();
builder.AddCallers();
builder.AddInboundLimits();
builder.AddCredentials();
builder.AddGatewayProxy();
builder.AddLimits();
builder.AddHealth();
builder.AddTelemetry();
builder.AddApiDescription();

await using var app = builder.Build();
if (!await app.TryLoadConfigurationAsync())
    return 1;

app.UseProxies();
app.UseRequestId();
app.UseErrorEnvelope();
app.UseSecurityHeaders();
app.UseAllowedHosts();
app.UseDefaultFiles();
app.UseStaticFiles();
app.UseRouting();
app.UseCors();
app.UseFailedAuthenticationLimit();
app.UseCallers();
app.UseLimits();

app.MapHealth();
app.MapMetrics();
app.MapApiDescription();
app.MapProfiles();
app.MapGatewayProxy();

await app.RunAsync();
return 0;
