using System.Net;
using RealtimeGateway.Configuration;

namespace RealtimeGateway.Web;

/// <summary>Reads a list of addresses and networks.</summary>
internal static class Networks
{
    /// <summary>The entries that are in order; an address is a network of one.</summary>
    public static List<IPNetwork> Read(IConfigurationSection section, ConfigurationFaults faults)
    {
        if (!string.IsNullOrEmpty(section.Value))
            faults.Add(section.Path, section.Value, "must be a list");
        var networks = new List<IPNetwork>();
        foreach (var entry in section.GetChildren())
        {
            if (IPAddress.TryParse(entry.Value, out var address))
                networks.Add(new(address, address.GetAddressBytes().Length * 8));
            else if (IPNetwork.TryParse(entry.Value, out var network))
                networks.Add(network);
            else
                faults.Add(entry.Path, entry.Value, "must be an address such as 10.0.0.7 or a network such as 10.0.0.0/8");
        }

        return networks;
    }
}
