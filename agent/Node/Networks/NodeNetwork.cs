using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using ControlPlane.Agent.Linux;
using ControlPlane.Agent.Networking;
using ControlPlane.Agent.Networking.Cni;
using ControlPlane.Api.Core.V1;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Networks;

/// <summary>
/// The node's part of the pod network. Known once the node has a range of addresses, which is kept on disk: a restarted agent connects
/// pods without asking anybody.
/// </summary>
internal sealed class NodeNetwork
{
    private const string Unassigned = "this node has no range of pod addresses yet; the nodes controller assigns one";

    private readonly AgentOptions _options;
    private readonly ILoggerFactory _logs;
    private readonly string _file;
    private volatile CniRunner? _cni;

    public NodeNetwork(AgentOptions options, ILoggerFactory logs)
    {
        _options = options;
        _logs = logs;
        _file = Path.Combine(Path.GetFullPath(options.RootDirectory), "pod-cidr");
        var known = options.PodCidr.Length > 0 ? options.PodCidr : SmallFile.TryReadText(_file)?.Trim() ?? "";
        if (IPNetwork.TryParse(known, out var range))
            Configure(range);
    }

    /// <summary>The addresses of this node's pods; null until they are known.</summary>
    public IPNetwork? PodCidr { get; private set; }

    /// <summary>Connects pods.</summary>
    /// <exception cref="NetworkException">The node has no addresses to give.</exception>
    public CniRunner Cni => _cni ?? throw new NetworkException(Unassigned);

    /// <summary>Where pods ask for names.</summary>
    public IPEndPoint DnsAddress => _options.DnsListen.Length > 0
        ? IPEndPoint.Parse(_options.DnsListen)
        : new IPEndPoint(IPAddress.Parse(_options.NodeIp), 53);

    public CniRunner? FindCni() => _cni;

    /// <summary>Takes the node's range; the first one stays, because pods have addresses of it.</summary>
    public void Configure(IPNetwork podCidr)
    {
        if (_cni is not null)
            return;
        var root = Path.GetFullPath(_options.RootDirectory);
        Directory.CreateDirectory(root);
        SmallFile.Replace(_file, podCidr + "\n");
        PodCidr = podCidr;
        var allocations = Path.Combine(root, "cni", "addresses");
        var network = (_options.CniConfigDirectory.Length > 0 ? CniNetwork.Load(_options.CniConfigDirectory) : null)
            ?? CniNetwork.Default(new PodNetworkOptions { PodCidr = podCidr, AllocationDirectory = allocations, Bridge = BridgeName() });
        _cni = new CniRunner(
            network,
            new CniRunnerOptions
            {
                PluginDirectories = [_options.CniDirectory],
                StateDirectory = Path.Combine(root, "cni", "attachments"),
                AllocationDirectory = _options.CniConfigDirectory.Length > 0 ? null : allocations,
            },
            _logs.CreateLogger<CniRunner>());
    }

    /// <summary>A pod's /etc/resolv.conf.</summary>
    public string ResolvConf(Pod pod)
    {
        switch (pod.Spec?.DnsPolicy)
        {
            case "None":
                return "";
            case "Default":
                return SmallFile.TryReadText("/etc/resolv.conf") ?? "";
            default:
                var domain = _options.ClusterDomain;
                return $"""
                    nameserver {DnsAddress.Address}
                    search {pod.Metadata.Namespace}.vip.{domain} vip.{domain} {domain}
                    options ndots:5

                    """;
        }
    }

    /// <summary>Removes the bridge that the default network made; without pods it has no members.</summary>
    public async Task RemoveBridgeAsync(CancellationToken cancellation)
    {
        var bridge = BridgeName();
        if (!Directory.Exists("/sys/class/net/" + bridge))
            return;
        using var process = Process.Start(new ProcessStartInfo("ip", ["link", "delete", bridge]) { RedirectStandardError = true })
            ?? throw new NetworkException("ip could not be run");
        var errors = await process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        if (process.ExitCode != 0)
            throw new NetworkException($"the bridge {bridge} stays: {errors.Trim()}");
    }

    // Several nodes of several clusters may share a machine; an interface's name has at most 15 characters.
    private string BridgeName()
    {
        var identity = SHA256.HashData(Encoding.UTF8.GetBytes(_options.NftTable + "/" + _options.NodeName));
        return "cp-" + Convert.ToHexStringLower(identity.AsSpan(0, 5));
    }
}
