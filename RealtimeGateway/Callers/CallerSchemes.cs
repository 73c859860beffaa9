using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using RealtimeGateway.Configuration;
using RealtimeGateway.Sessions;
using RealtimeGateway.Web;

namespace RealtimeGateway.Callers;

/// <summary>Every way in which a caller can prove who it is, as the snapshot has it.</summary>
internal sealed class CallerSchemes
{
    private const int MinLogKey = 16;

    // Without a configured one, names in logs hold together for as long as the process lives.
    private static readonly byte[] OwnLogKey = RandomNumberGenerator.GetBytes(32);

    /// <summary>No scheme at all: everybody is anonymous.</summary>
    public static readonly CallerSchemes None = new(ApiKeys.None, [], [], admitsAnonymous: true, OwnLogKey);

    private readonly ApiKeys _keys;
    private readonly JwtIssuer[] _issuers;
    private readonly byte[] _logKey;

    private CallerSchemes(ApiKeys keys, JwtIssuer[] issuers, FrozenSet<string> keyNames, bool admitsAnonymous, byte[] logKey) =>
        (_keys, _issuers, KeyNames, AdmitsAnonymous, Default, _logKey) = (keys, issuers, keyNames, admitsAnonymous, Access.ForEveryCaller(admitsAnonymous), logKey);

    /// <summary>The keys as lists of <see cref="Access"/> name them.</summary>
    public FrozenSet<string> KeyNames { get; }

    /// <summary>Whether everybody may call that reaches the gateway.</summary>
    public bool AdmitsAnonymous { get; }

    /// <summary>For what says nothing about its callers.</summary>
    public Access Default { get; }

    /// <summary>Whether a caller can prove anything at all. Where none can, a credential that is sent is nobody's business.</summary>
    public bool Any => _keys.Any || _issuers.Length > 0;

    /// <summary>The caller whom the credential proves; <c>null</c> when it proves nobody.</summary>
    /// <exception cref="IssuerAwayException">It may be a good token, but its issuer has never been reached.</exception>
    public async ValueTask<Caller?> FindAsync(string credential, DateTimeOffset now, CancellationToken cancellation)
    {
        if (credential.Length == 0)
            return null;
        if (_keys.Find(credential, now) is { } holder)
            return holder;
        if (_issuers.Length == 0 || !AccessToken.TryRead(credential, out var token))
            return null;

        IssuerAwayException? away = null;
        foreach (var issuer in _issuers)
        {
            try
            {
                if (await issuer.FindAsync(token, cancellation) is { } caller)
                    return caller;
            }
            catch (IssuerAwayException e)
            {
                away = e; // another one may know the token
            }
        }

        return away is null ? null : throw away;
    }

    /// <summary>A caller that proved itself before, now with this profile alone.</summary>
    public Caller Again(string identity, IReadOnlyList<string> grants, string profile) =>
        new(identity, grants, new[] { profile }.ToFrozenSet(StringComparer.OrdinalIgnoreCase), _logKey) { Profile = profile };

    /// <summary>Reads the section. Outside Development, or where others than this machine can reach it, the gateway must be opened on purpose.</summary>
    public static CallerSchemes Read(IConfiguration configuration, IServer server, bool isDevelopment, OidcMetadataCache metadata, ConfigurationFaults faults)
    {
        var options = SectionReader.Read<CallersOptions>(configuration.GetSection(CallersOptions.SectionName), faults);
        var logKey = ReadLogKey(options.LogKey, faults);
        var profiles = configuration.GetSection(SessionProfileOptions.SectionName).GetChildren().Select(profile => profile.Key).ToArray();
        var keys = ApiKeys.Read(options.Keys, profiles, logKey, faults);
        var issuers = options.Jwt.Select(pair => JwtIssuer.Read(pair.Key, pair.Value, metadata, logKey, faults)).OfType<JwtIssuer>().ToArray();
        var isClosed = options.Keys.Count + options.Jwt.Count > 0;
        if (!isClosed && !options.AllowAnonymous)
            CheckOpenness(configuration, server, isDevelopment, faults);
        return isClosed ? new(keys, issuers, options.Keys.Keys.Select(Access.OfKey).ToFrozenSet(StringComparer.Ordinal), options.AllowAnonymous, logKey) : None;
    }

    private static void CheckOpenness(IConfiguration configuration, IServer server, bool isDevelopment, ConfigurationFaults faults)
    {
        if (!isDevelopment)
        {
            faults.Add(CallersOptions.SectionName,
                "says nobody who may call: add Callers:Keys or Callers:Jwt, or let everybody in on purpose (Callers__AllowAnonymous=true)");
            return;
        }

        foreach (var address in Listeners.Open(configuration, server))
        {
            faults.Add($"{CallersOptions.SectionName}:{nameof(CallersOptions.AllowAnonymous)}", "false",
                $"the gateway would mint for anybody who can reach {address}; listen on loopback, add Callers:Keys or Callers:Jwt, or set it to true on purpose (Callers__AllowAnonymous=true)");
        }
    }

    private static byte[] ReadLogKey(string? text, ConfigurationFaults faults)
    {
        if (string.IsNullOrEmpty(text))
            return OwnLogKey;
        if (text.Length < MinLogKey)
            faults.Add($"{CallersOptions.SectionName}:{nameof(CallersOptions.LogKey)}", $"must be a secret of at least {MinLogKey} characters");
        return Encoding.UTF8.GetBytes(text);
    }
}
