using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using RealtimeGateway.Bench.Sockets;

// What a socket through the gateway costs, in time and memory: `dotnet run -c Release --project bench/Sockets [tls]`.
const int Sockets = 2000;
const int AtOnce = 32;
const int Rounds = 20_000;
var isTls = args is ["tls"];
using var certificate = isTls ? NewCertificate() : null;
var authority = Path.GetTempFileName();
if (certificate is not null)
    await File.WriteAllTextAsync(authority, certificate.ExportCertificatePem());
await using var service = await Service.StartAsync(certificate);
using var gateway = await GatewayProcess.StartAsync(service.Urls.First(), isTls ? authority : null);
Console.WriteLine(isTls ? "Upstream over TLS" : "Upstream in plain text");

// Memory first, while the heap has no room left by anything else. What the first sockets cost once, such as code to be compiled, is not what each costs;
// so a thousand come and go before, a few at a time.
for (var i = 0; i < 1000; i += AtOnce)
{
    foreach (var socket in await OpenManyAsync(AtOnce))
    {
        await SpeakAsync(socket);
        socket.Dispose();
    }
}

await Task.Delay(TimeSpan.FromSeconds(5));
var before = gateway.Resident();
var start = Stopwatch.GetTimestamp();
var open = await OpenManyAsync(Sockets);
Print($"{Sockets} sockets opened in {Stopwatch.GetElapsedTime(start).TotalSeconds:f1} s");
await ReportAsync("idle, never used");
foreach (var socket in open)
    await SpeakAsync(socket);
await ReportAsync("idle after one message of 4 KiB each way");
foreach (var socket in open)
    socket.Dispose();
using (var direct = await OpenAsync(service.Urls.First() + "/openai/v1/realtime"))
using (var through = await OpenAsync(gateway.Address + "/realtime"))
{
    await Task.WhenAll(Events.ReceiveAsync(direct), Events.ReceiveAsync(through));
    await direct.SendAsync(Encoding.UTF8.GetBytes("""{"type":"session.update"}""").AsMemory(), WebSocketMessageType.Text, endOfMessage: true, default);
    await Events.ReceiveAsync(direct);
    await MeasureAsync(direct, through, Rounds / 4);
    var (without, with) = await MeasureAsync(direct, through, Rounds);
    Print($"Round trip of 4 KiB each way, {Rounds} times: direct p50 {At(without, 0.5):f0} µs, p99 {At(without, 0.99):f0} µs; through the gateway p50 {At(with, 0.5):f0} µs, p99 {At(with, 0.99):f0} µs");
}

File.Delete(authority);

async Task ReportAsync(string what)
{
    await Task.Delay(TimeSpan.FromSeconds(10));
    Print($"{Sockets} sockets, {what}: {(gateway.Resident() - before) / (double)Sockets:f1} KiB each ({before / 1024} MiB before, {gateway.Resident() / 1024} MiB now)");
}

async Task<ClientWebSocket> OpenAsync(string address)
{
    var socket = new ClientWebSocket();
    socket.Options.AddSubProtocol("realtime");
    socket.Options.RemoteCertificateValidationCallback = (_, presented, _, _) => presented?.GetCertHashString() == certificate?.GetCertHashString();
    await socket.ConnectAsync(new(address.Replace("http", "ws", StringComparison.Ordinal)), default);
    return socket;
}

async Task<List<ClientWebSocket>> OpenManyAsync(int count)
{
    var sockets = new List<ClientWebSocket>();
    foreach (var some in Enumerable.Range(0, count).Chunk(AtOnce))
    {
        var more = await Task.WhenAll(some.Select(_ => OpenAsync(gateway.Address + "/realtime")));
        foreach (var socket in more)
            await Events.ReceiveAsync(socket);
        sockets.AddRange(more);
    }

    return sockets;
}

static async Task SpeakAsync(ClientWebSocket socket)
{
    await socket.SendAsync(Encoding.UTF8.GetBytes(Events.Append).AsMemory(), WebSocketMessageType.Text, endOfMessage: true, default);
    await Events.ReceiveAsync(socket);
}

// By turns, so that whatever else the machine does is done to both.
static async Task<(double[] Without, double[] With)> MeasureAsync(ClientWebSocket direct, ClientWebSocket through, int rounds)
{
    var (without, with) = (new double[rounds], new double[rounds]);
    for (var i = 0; i < rounds; i++)
    {
        without[i] = await TimeAsync(direct);
        with[i] = await TimeAsync(through);
    }

    Array.Sort(without);
    Array.Sort(with);
    return (without, with);
}

static async Task<double> TimeAsync(ClientWebSocket socket)
{
    var start = Stopwatch.GetTimestamp();
    await SpeakAsync(socket);
    return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
}

static double At(double[] sorted, double share) => sorted[(int)(sorted.Length * share)];

static void Print(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

static X509Certificate2 NewCertificate()
{
    using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    var request = new CertificateRequest("CN=bench", key, HashAlgorithmName.SHA256);
    var names = new SubjectAlternativeNameBuilder();
    names.AddIpAddress(System.Net.IPAddress.Loopback);
    request.CertificateExtensions.Add(names.Build());
    request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
    using var signed = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    return X509CertificateLoader.LoadPkcs12(signed.Export(X509ContentType.Pfx), password: null);
}
