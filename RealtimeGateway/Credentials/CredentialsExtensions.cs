namespace RealtimeGateway.Credentials;

/// <summary>What proves the gateway to its destinations.</summary>
internal static class CredentialsExtensions
{
    public static void AddCredentials(this IHostApplicationBuilder builder)
    {
        var isDevelopment = builder.Environment.IsDevelopment();
        builder.Services.AddSingleton<TokenSourceFactory>(settings => EntraIdentity.Create(settings, isDevelopment));
        builder.Services.AddSingleton<CredentialReader>();
        builder.Services.AddHostedService<TokenRefresh>();
    }
}
