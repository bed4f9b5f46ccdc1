using System.Net;
using Microsoft.Extensions.Configuration;

namespace ControlPlane.Agent;

/// <summary>
/// The node agent's settings. Each is a flag (<c>--node-name</c>), a key of the JSON file given by <c>--config</c>, or an environment
/// variable (<c>CONTROLPLANE_NODE_NAME</c>); flags win over variables, variables over the file.
/// </summary>
internal sealed record AgentOptions
{
    /// <summary>Name of the Node object. Unset: the machine's host name.</summary>
    [ConfigurationKeyName("node-name")]
    public string NodeName { get; init; } = Environment.MachineName.ToLowerInvariant();

    /// <summary>Address of the node, for other nodes and the API server.</summary>
    [ConfigurationKeyName("node-ip")]
    public string NodeIp { get; init; } = "127.0.0.1";

    /// <summary>How to reach the API, as user system:node:NAME.</summary>
    [ConfigurationKeyName("kubeconfig")]
    public string Kubeconfig { get; init; } = "";

    /// <summary>Directory of all state: pods, images, logs.</summary>
    [ConfigurationKeyName("root-dir")]
    public string RootDirectory { get; init; } = "/var/lib/controlplane/agent";

    /// <summary>Address of the endpoint that the API server calls for logs and streams.</summary>
    [ConfigurationKeyName("listen")]
    public string Listen { get; init; } = "https://0.0.0.0:10250";

    /// <summary>The endpoint's certificate, PEM.</summary>
    [ConfigurationKeyName("tls-cert")]
    public string TlsCertificate { get; init; } = "";

    /// <summary>Its key, PEM.</summary>
    [ConfigurationKeyName("tls-key")]
    public string TlsKey { get; init; } = "";

    /// <summary>Authority of the endpoint's callers, PEM.</summary>
    [ConfigurationKeyName("client-ca")]
    public string ClientCa { get; init; } = "";

    /// <summary>Organization that callers of the endpoint must have in their certificate.</summary>
    [ConfigurationKeyName("client-organization")]
    public string ClientOrganization { get; init; } = "system:agent-clients";

    /// <summary>Addresses of this node's pods. Unset: what the nodes controller puts into the Node object.</summary>
    [ConfigurationKeyName("pod-cidr")]
    public string PodCidr { get; init; } = "";

    /// <summary>Addresses of all VIPs.</summary>
    [ConfigurationKeyName("vip-cidr")]
    public string VipCidr { get; init; } = "10.96.0.0/16";

    /// <summary>Addresses of all pods.</summary>
    [ConfigurationKeyName("cluster-cidr")]
    public string ClusterCidr { get; init; } = "10.244.0.0/16";

    /// <summary>The DNS domain of the cluster.</summary>
    [ConfigurationKeyName("cluster-domain")]
    public string ClusterDomain { get; init; } = "cluster.local";

    /// <summary>The shim's program. Unset: cp-shim beside the agent.</summary>
    [ConfigurationKeyName("shim")]
    public string Shim { get; init; } = Path.Combine(AppContext.BaseDirectory, "cp-shim");

    /// <summary>The OCI runtime.</summary>
    [ConfigurationKeyName("runc")]
    public string Runc { get; init; } = "/usr/sbin/runc";

    /// <summary>CNI plug-ins.</summary>
    [ConfigurationKeyName("cni-bin-dir")]
    public string CniDirectory { get; init; } = "/usr/lib/cni";

    /// <summary>CNI network configurations; the first by name is used. Unset: a bridge with host-local addresses.</summary>
    [ConfigurationKeyName("cni-conf-dir")]
    public string CniConfigDirectory { get; init; } = "";

    /// <summary>OCI archives that are imported at start and when they change.</summary>
    [ConfigurationKeyName("image-dir")]
    public string ImageDirectory { get; init; } = "";

    /// <summary>Further labels of the Node, <c>key=value,key=value</c>.</summary>
    [ConfigurationKeyName("labels")]
    public string Labels { get; init; } = "";

    /// <summary>cgroup below which pods live. Unset: /controlplane/NAME.</summary>
    [ConfigurationKeyName("cgroup-root")]
    public string CgroupRoot { get; init; } = "";

    /// <summary>The most pods at a time.</summary>
    [ConfigurationKeyName("max-pods")]
    public int MaxPods { get; init; } = 110;

    /// <summary>cpu to offer, e.g. 2 or 1500m. Unset: all of the machine.</summary>
    [ConfigurationKeyName("cpu")]
    public string Cpu { get; init; } = "";

    /// <summary>Memory to offer, e.g. 4Gi. Unset: all of the machine.</summary>
    [ConfigurationKeyName("memory")]
    public string Memory { get; init; } = "";

    /// <summary>Memory kept back for the machine itself.</summary>
    [ConfigurationKeyName("reserved-memory")]
    public string ReservedMemory { get; init; } = "256Mi";

    /// <summary>nftables table of the node's rules.</summary>
    [ConfigurationKeyName("nft-table")]
    public string NftTable { get; init; } = "controlplane";

    /// <summary>Where the node's DNS server listens, e.g. 169.254.20.10:53. Unset: port 53 of the node's address.</summary>
    [ConfigurationKeyName("dns-listen")]
    public string DnsListen { get; init; } = "";

    /// <summary>Seconds between two renewals of the node's lease.</summary>
    [ConfigurationKeyName("heartbeat-seconds")]
    public int HeartbeatSeconds { get; init; } = 3;

    /// <summary>Whether every step of every pod is logged.</summary>
    [ConfigurationKeyName("verbose")]
    public bool Verbose { get; init; }

    public string EffectiveCgroupRoot => CgroupRoot.Length > 0 ? CgroupRoot : "/controlplane/" + NodeName;

    /// <summary>Reads and checks the settings.</summary>
    /// <exception cref="AgentOptionsException">One or more are wrong; the message names all of them.</exception>
    public static AgentOptions Load(string[] arguments)
    {
        var file = new ConfigurationBuilder().AddCommandLine(arguments).Build()["config"];
        var builder = new ConfigurationBuilder();
        if (file is not null)
            builder.AddJsonFile(Path.GetFullPath(file), optional: false);
        builder.AddInMemoryCollection(FromEnvironment()).AddCommandLine(arguments);
        var options = builder.Build().Get<AgentOptions>() ?? new AgentOptions();
        var problems = options.Problems().ToList();
        return problems.Count == 0 ? options : throw new AgentOptionsException(problems);
    }

    private static IEnumerable<KeyValuePair<string, string?>> FromEnvironment()
    {
        const string Prefix = "CONTROLPLANE_";
        foreach (System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            if (entry.Key is string key && key.StartsWith(Prefix, StringComparison.Ordinal))
                yield return new(key[Prefix.Length..].ToLowerInvariant().Replace('_', '-'), (string?)entry.Value);
        }
    }

    private IEnumerable<string> Problems()
    {
        if (!IPAddress.TryParse(NodeIp, out _))
            yield return $"--node-ip: \"{NodeIp}\" is no IP address";
        foreach (var (flag, value) in new[] { ("--vip-cidr", VipCidr), ("--cluster-cidr", ClusterCidr), ("--pod-cidr", PodCidr) })
        {
            if (value.Length > 0 && !IPNetwork.TryParse(value, out _))
                yield return $"{flag}: \"{value}\" is no range such as 10.1.0.0/16";
        }

        foreach (var (flag, value) in new[] { ("--kubeconfig", Kubeconfig), ("--tls-cert", TlsCertificate), ("--tls-key", TlsKey), ("--client-ca", ClientCa) })
        {
            if (value.Length > 0 && !File.Exists(value))
                yield return $"{flag}: there is no file {value}";
        }

        if (!Uri.TryCreate(Listen, UriKind.Absolute, out var listen) || listen.Scheme != "https")
            yield return $"--listen: \"{Listen}\" is no address such as https://0.0.0.0:10250";
        if (DnsListen.Length > 0 && !IPEndPoint.TryParse(DnsListen, out _))
            yield return $"--dns-listen: \"{DnsListen}\" is no address such as 169.254.20.10:53";
        if (!EffectiveCgroupRoot.StartsWith('/'))
            yield return $"--cgroup-root: \"{CgroupRoot}\" must begin with /";
        if (MaxPods < 1)
            yield return "--max-pods must be at least 1";
        if (HeartbeatSeconds < 1)
            yield return "--heartbeat-seconds must be at least 1";
        foreach (var (flag, value) in new[] { ("--cpu", Cpu), ("--memory", Memory), ("--reserved-memory", ReservedMemory) })
        {
            if (value.Length > 0 && !Api.Values.Quantity.TryParse(value, out _))
                yield return $"{flag}: \"{value}\" is no quantity such as 2, 500m, 4Gi";
        }
    }
}
