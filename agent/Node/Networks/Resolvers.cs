using System.Net;
using ControlPlane.Agent.Linux;

namespace ControlPlane.Agent.Networks;

/// <summary>The machine's own name servers.</summary>
internal static class Resolvers
{
    /// <summary>Those of /etc/resolv.conf but this one, which would ask itself.</summary>
    public static IReadOnlyList<IPEndPoint> OfMachine(IPAddress except)
    {
        const string Keyword = "nameserver ";
        var found = new List<IPEndPoint>();
        foreach (var line in (SmallFile.TryReadText("/etc/resolv.conf") ?? "").Split('\n'))
        {
            if (line.StartsWith(Keyword, StringComparison.Ordinal)
                && IPAddress.TryParse(line.AsSpan(Keyword.Length).Trim(), out var address) && !address.Equals(except))
                found.Add(new IPEndPoint(address, 53));
        }

        return found;
    }
}
