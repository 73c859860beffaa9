using RealtimeGateway.Configuration;
using RealtimeGateway.Health;
using RealtimeGateway.Limits;
using RealtimeGateway.Proxy;
using RealtimeGateway.Sessions;
using RealtimeGateway.Simulation;
using RealtimeGateway.Telemetry;
using RealtimeGateway.Web;

var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = ContentRoot.Find() });

builder.AddLiveConfiguration();
builder.AddSimulator();
builder.AddListener();
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
app.UseLimits();

app.MapHealth();
app.MapMetrics();
app.MapApiDescription();
app.MapProfiles();
app.MapGatewayProxy();

await app.RunAsync();
return 0;
