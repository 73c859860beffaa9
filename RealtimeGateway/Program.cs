using RealtimeGateway.Configuration;
using RealtimeGateway.Health;
using RealtimeGateway.Limits;
using RealtimeGateway.Proxy;
using RealtimeGateway.Sessions;
using RealtimeGateway.Telemetry;
using RealtimeGateway.Web;

var builder = WebApplication.CreateBuilder(args);

builder.AddLiveConfiguration();
builder.AddGatewayProxy();
builder.AddLimits();
builder.AddHealth();
builder.AddTelemetry();

await using var app = builder.Build();
if (!await app.TryLoadConfigurationAsync())
    return 1;

app.UseRequestId();
app.UseErrorEnvelope();
app.UseSecurityHeaders();
app.UseDefaultFiles();
app.UseStaticFiles();
app.UseLimits();

app.MapHealth();
app.MapMetrics();
app.MapProfiles();
app.MapGatewayProxy();

await app.RunAsync();
return 0;
