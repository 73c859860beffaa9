using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using RealtimeGateway.Proxy;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Proxy;

public sealed class DataProtectionKeysTests
{
    [Fact]
    public async Task Keys_of_data_protection_stay_in_memory()
    {
        await using var gateway = Gateway.StartWith("http://127.0.0.1:1");

        var protector = gateway.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("test");

        Assert.Equal("text", protector.Unprotect(protector.Protect("text")));
        Assert.IsType<DataProtectionKeys>(gateway.Services.GetRequiredService<IOptions<KeyManagementOptions>>().Value.XmlRepository);
    }
}
