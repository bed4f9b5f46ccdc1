using System.Net;
using System.Text.Json.Nodes;

namespace ControlPlane.Agent.Networking.Cni;

/// <summary>What the plugins gave the pod.</summary>
public sealed record CniResult
{
    /// <summary>The pod's addresses; the first is its main one.</summary>
    public required IReadOnlyList<IPAddress> Addresses { get; init; }

    public IPAddress? Gateway { get; init; }

    internal static CniResult Parse(JsonObject json)
    {
        var addresses = new List<IPAddress>();
        IPAddress? gateway = null;
        foreach (var ip in json["ips"] as JsonArray ?? [])
        {
            var address = ip?["address"]?.GetValue<string>() ?? throw new NetworkException("the CNI result has an ip without address");
            addresses.Add(IPAddress.Parse(address.Split('/')[0]));
            if (ip["gateway"]?.GetValue<string>() is { } text)
                gateway ??= IPAddress.Parse(text);
        }

        return addresses.Count > 0
            ? new CniResult { Addresses = addresses, Gateway = gateway }
            : throw new NetworkException("the CNI plugins gave the pod no address");
    }
}
