using System.Globalization;
using ControlPlane.Api.Platform.V1;

namespace ControlPlane.Agent.Configuration;

/// <summary>Variables that lead a program to the VIPs of its namespace, named as Kubernetes names those of services.</summary>
internal static class VipLinks
{
    public static IReadOnlyDictionary<string, string> Build(IEnumerable<Vip> vips)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var vip in vips.OrderBy(v => v.Metadata.Name, StringComparer.Ordinal))
        {
            if (vip.Status?.Address is not { Length: > 0 } address || vip.Spec.Ports.Count == 0)
                continue;
            var prefix = Variable(vip.Metadata.Name ?? "") + "_SERVICE_";
            result[prefix + "HOST"] = address;
            result[prefix + "PORT"] = vip.Spec.Ports[0].Port.ToString(CultureInfo.InvariantCulture);
            foreach (var port in vip.Spec.Ports)
            {
                if (port.Name is { Length: > 0 } name)
                    result[prefix + "PORT_" + Variable(name)] = port.Port.ToString(CultureInfo.InvariantCulture);
            }
        }

        return result;
    }

    private static string Variable(string name) => name.ToUpperInvariant().Replace('-', '_').Replace('.', '_');
}
