using RealtimeGateway.Configuration;
using RealtimeGateway.Development;
using RealtimeGateway.Health;
using RealtimeGateway.Limits;
using RealtimeGateway.Proxy;
using RealtimeGateway.Sessions;
using RealtimeGateway.Telemetry;
using RealtimeGateway.Web;

if (!ContentRoot.TryCreateBuilder(args, out var builder))
    return 1;

builder.AddLiveConfiguration();
builder.AddSimulator();
builder.AddListener();
builder.AddInboundLimits();
builder.AddGatewayProxy();
builder.AddLimits();
builder.AddHealth();
builder.AddTelemetry();
builder.AddApiDescription();

await using var app = builder.Build();
if (!await app.TryLoadConfigurationAsync())
    return 1;

app.UseRequestId();
app.UseErrorEnvelope();
app.UseSecurityHeaders();
app.UseDefaultFiles();
app.UseStaticFiles();
app.UseRouting();
app.UseFailedAuthenticationLimit();
app.UseLimits();

app.MapHealth();
app.MapMetrics();
app.MapApiDescription();
app.MapProfiles();
app.MapGatewayProxy();

await app.RunAsync();
return 0;
