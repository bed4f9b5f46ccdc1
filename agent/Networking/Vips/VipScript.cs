using System.Net;
using System.Text;

namespace ControlPlane.Agent.Networking.Vips;

/// <summary>
/// Writes nftables transactions. A packet to a VIP takes one lookup in the map, whatever the number of VIPs, and the
/// rule of the chain found there; packets of established connections do not come here at all.
/// </summary>
internal static class VipScript
{
    /// <summary>Replaces the whole table, whatever it held. Established connections keep their translation.</summary>
    public static string Replace(VipTableOptions options, VipState desired)
    {
        var script = new StringBuilder();
        script.Append($"add table ip {options.Table}\ndelete table ip {options.Table}\n");
        AppendTable(script, options);
        AppendChanges(script, options, VipState.Empty, desired);
        return script.ToString();
    }

    /// <summary>Only what differs; empty when nothing does.</summary>
    public static string Change(VipTableOptions options, VipState applied, VipState desired)
    {
        var script = new StringBuilder();
        AppendChanges(script, options, applied, desired);
        return script.ToString();
    }

    public static string Remove(VipTableOptions options) => $"add table ip {options.Table}\ndelete table ip {options.Table}\n";

    private static void AppendTable(StringBuilder script, VipTableOptions options)
    {
        var dispatch = $"ip daddr {options.VipCidr} ip daddr . meta l4proto . th dport vmap @fronts";
        var samePods = options.BridgeIsFiltered ? "" : $"    ip saddr {options.PodCidr} ip daddr {options.PodCidr} masquerade\n";
        var egress = options.MasqueradeEgress
            ? $"    ip saddr {options.PodCidr} ip daddr != {options.ClusterCidr} fib daddr type != local masquerade\n"
            : "";
        script.Append(
            $$"""
            table ip {{options.Table}} {
              map fronts { type ipv4_addr . inet_proto . inet_service : verdict; }
              set local { type ipv4_addr . ipv4_addr; }
              chain prerouting {
                type nat hook prerouting priority dstnat; policy accept;
                {{dispatch}}
              }
              chain output {
                type nat hook output priority -100; policy accept;
                {{dispatch}}
              }
              chain postrouting {
                type nat hook postrouting priority srcnat; policy accept;
                ct status dnat ct original ip daddr {{options.VipCidr}} goto vip-source
            {{egress}}  }
              chain vip-source {
                ip saddr . ip daddr @local masquerade comment "a pod that reached itself"
            {{samePods}}    ip saddr != {{options.PodCidr}} ip daddr != {{options.PodCidr}} fib saddr type != local masquerade comment "answers must come back through this node"
              }
              chain input {
                type filter hook input priority filter; policy accept;
                iifname != "lo" ip daddr 127.0.0.0/8 ct state != { established, related } drop comment "host ports on localhost make pods' packets to it routable"
                ip daddr {{options.VipCidr}} goto refuse
              }
              chain refuse {
                meta l4proto tcp reject with tcp reset
                meta l4proto icmp accept
                reject with icmp port-unreachable
              }
            }

            """);
    }

    private static void AppendChanges(StringBuilder script, VipTableOptions options, VipState applied, VipState desired)
    {
        var table = options.Table;
        foreach (var (front, rule) in desired.Rules)
        {
            if (!applied.Rules.TryGetValue(front, out var old))
                script.Append($"add chain ip {table} {front.Chain}\nadd rule ip {table} {front.Chain} {rule}\n");
            else if (old != rule)
                script.Append($"flush chain ip {table} {front.Chain}\nadd rule ip {table} {front.Chain} {rule}\n");
        }

        var added = desired.Rules.Keys.Where(front => !applied.Rules.ContainsKey(front)).ToList();
        var removed = applied.Rules.Keys.Where(front => !desired.Rules.ContainsKey(front)).ToList();
        AppendElements(script, $"add element ip {table} fronts", added.Select(front => $"{front.Element} : goto {front.Chain}"));
        AppendElements(script, $"delete element ip {table} fronts", removed.Select(front => front.Element));
        foreach (var front in removed)
            script.Append($"flush chain ip {table} {front.Chain}\ndelete chain ip {table} {front.Chain}\n");
        AppendElements(script, $"add element ip {table} local", desired.Local.Except(applied.Local).Select(Pair));
        AppendElements(script, $"delete element ip {table} local", applied.Local.Except(desired.Local).Select(Pair));
    }

    private static string Pair(IPAddress address) => $"{address} . {address}";

    private static void AppendElements(StringBuilder script, string command, IEnumerable<string> elements)
    {
        var list = string.Join(", ", elements);
        if (list.Length > 0)
            script.Append($"{command} {{ {list} }}\n");
    }
}
