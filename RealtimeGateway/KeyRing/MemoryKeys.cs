using System.Collections.Concurrent;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace RealtimeGateway.KeyRing;

/// <summary>Keys that end with the process.</summary>
internal sealed class MemoryKeys : IXmlRepository
{
    private readonly ConcurrentQueue<XElement> _keys = new();

    public IReadOnlyCollection<XElement> GetAllElements() => _keys.ToArray();

    public void StoreElement(XElement element, string friendlyName) => _keys.Enqueue(element);
}
