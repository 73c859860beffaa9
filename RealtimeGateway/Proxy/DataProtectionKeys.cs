using System.Collections.Concurrent;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;

namespace RealtimeGateway.Proxy;

/// <summary>
/// Data Protection's keys, in memory only: YARP brings Data Protection along for session affinity, and by default it would write keys under
/// the home folder, in clear. Nothing that the gateway gives out outlives the process yet.
/// </summary>
internal sealed class DataProtectionKeys : IXmlRepository
{
    private readonly ConcurrentQueue<XElement> _keys = new();

    public IReadOnlyCollection<XElement> GetAllElements() => _keys.ToArray();

    public void StoreElement(XElement element, string friendlyName) => _keys.Enqueue(element);

    public static void Configure(KeyManagementOptions options)
    {
        options.XmlRepository = new DataProtectionKeys();
        options.XmlEncryptor = new NullXmlEncryptor();
    }
}
