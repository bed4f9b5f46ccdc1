using System.Net;
using ControlPlane.Agent.Networking;
using ControlPlane.Agent.Networking.Dns;
using ControlPlane.Agent.Networking.Routes;
using ControlPlane.Agent.Networking.Vips;
using ControlPlane.Agent.Objects;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Discovery.V1;
using ControlPlane.Api.Platform.V1;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Networks;

/// <summary>
/// Programs the node's kernel and name server from what the API says about nodes and VIPs. Level-triggered: a change anywhere leads to
/// one look at everything. Until all is known nothing is touched, so that a restart takes away no VIP that works.
/// </summary>
internal sealed partial class NetworkSync : BackgroundService
{
    // Changes come in flocks: a rollout is one transaction, not fifty.
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly AgentOptions _options;
    private readonly NodeNetwork _network;
    private readonly ClusterView _view;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _logs;
    private readonly ILogger _log;
    private readonly SemaphoreSlim _changed = new(1, 1);
    private DnsServer? _dns;
    private VipTable? _vips;
    private NodeRoutes? _routes;

    public NetworkSync(AgentOptions options, NodeNetwork network, ClusterView view, TimeProvider time, ILoggerFactory logs)
    {
        _options = options;
        _network = network;
        _view = view;
        _time = time;
        _logs = logs;
        _log = logs.CreateLogger<NetworkSync>();
        view.Changed += Signal;
    }

    /// <summary>Why the network is not in the state it should be in; null when it is.</summary>
    public string? Problem { get; private set; } = "the network has not been set up yet";

    public override void Dispose()
    {
        _view.Changed -= Signal;
        _vips?.Dispose();
        _changed.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var dns = _dns = OpenDns();
        var serving = dns?.RunAsync(stoppingToken) ?? Task.CompletedTask;
        await Task.WhenAll(serving, ProgramAsync(stoppingToken));
    }

    private async Task ProgramAsync(CancellationToken cancellation)
    {
        await _view.Synced.WaitAsync(cancellation);
        var pause = FirstPause;
        while (true)
        {
            await _changed.WaitAsync(cancellation);
            await Task.Delay(Gather, _time, cancellation);
            try
            {
                await ApplyAsync(cancellation);
                Problem = null;
                pause = FirstPause;
            }
            catch (Exception e) when (e is NetworkException or IOException)
            {
                if (Problem != e.Message)
                    Log.Failed(_log, e.Message);
                Problem = e.Message;
                await Task.Delay(pause, _time, cancellation);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                Signal();
            }
        }
    }

    private async Task ApplyAsync(CancellationToken cancellation)
    {
        if (IPNetwork.TryParse(_view.Nodes.Find(new("", _options.NodeName))?.Spec?.PodCidr ?? "", out var assigned))
            _network.Configure(assigned);
        if (_network.PodCidr is not { } podCidr)
            throw new NetworkException("this node has no range of pod addresses yet; the nodes controller assigns one");
        if (_vips is null)
            await BeginAsync(podCidr, cancellation);
        await _routes!.ApplyAsync(VipProjection.Peers(_view.Nodes.Items, _options.NodeName, _options.NodeIp), cancellation);
        var services = VipProjection.Services(_view.Vips.Items, _view.Slices.Items, IPNetwork.Parse(_options.VipCidr));
        await _vips!.ApplyAsync(services, cancellation);
        _dns?.Update(DnsRecordTable.Build(_options.ClusterDomain, VipProjection.Names(_view.Vips.Items), []));
    }

    private async Task BeginAsync(IPNetwork podCidr, CancellationToken cancellation)
    {
        var vipCidr = IPNetwork.Parse(_options.VipCidr);
        var clusterCidr = IPNetwork.Parse(_options.ClusterCidr);
        _routes = new NodeRoutes(
            new NodeRoutesOptions { NodeAddress = IPAddress.Parse(_options.NodeIp), VipCidr = vipCidr, ClusterCidr = clusterCidr },
            _logs.CreateLogger<NodeRoutes>());
        var filtered = await _routes.EnableForwardingAsync(cancellation);
        _vips = new VipTable(
            new VipTableOptions
            {
                Table = _options.NftTable,
                VipCidr = vipCidr,
                ClusterCidr = clusterCidr,
                PodCidr = podCidr,
                BridgeIsFiltered = filtered,
            },
            _logs.CreateLogger<VipTable>());
    }

    private DnsServer? OpenDns()
    {
        try
        {
            var options = new DnsServerOptions
            {
                Listen = [_network.DnsAddress],
                Domain = _options.ClusterDomain,
                ReverseRanges = [.. new[] { _options.VipCidr, _options.ClusterCidr }.Select(IPNetwork.Parse).Where(n => n.PrefixLength % 8 == 0)],
                Upstreams = Resolvers.OfMachine(except: _network.DnsAddress.Address),
            };
            return new DnsServer(options, _logs.CreateLogger<DnsServer>());
        }
        catch (System.Net.Sockets.SocketException e)
        {
            // Pods run without names; the node says so instead of not running at all.
            Log.NoDns(_log, _network.DnsAddress, e.Message);
            return null;
        }
    }

    private void Signal()
    {
        try
        {
            _changed.Release();
        }
        catch (SemaphoreFullException)
        {
            // A look is due already.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2400, LogLevel.Warning, "The node's network is not as it should be: {Problem}")]
        public static partial void Failed(ILogger log, string problem);

        [LoggerMessage(2401, LogLevel.Error, "There is no name server at {Address}: {Problem}; choose another address with --dns-listen")]
        public static partial void NoDns(ILogger log, IPEndPoint address, string problem);
    }
}
