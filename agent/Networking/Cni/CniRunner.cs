using System.Text.Json.Nodes;
using ControlPlane.Agent.Networking.Programs;
using ControlPlane.Agent.Networking.Vips;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Networking.Cni;

/// <summary>
/// Connects pods through CNI plugins and disconnects them, also after a restart or a crash at any point. Calls for one
/// pod must not overlap; calls for different pods may.
/// </summary>
public sealed partial class CniRunner
{
    private readonly CniNetwork _network;
    private readonly CniRunnerOptions _options;
    private readonly CniPlugin _plugin;
    private readonly AttachmentStore _attachments;
    private readonly ILogger _log;

    public CniRunner(CniNetwork network, CniRunnerOptions options, ILogger<CniRunner> log)
        : this(network, options, ProgramRunner.Instance, log)
    {
    }

    internal CniRunner(CniNetwork network, CniRunnerOptions options, IProgramRunner programs, ILogger<CniRunner> log)
    {
        _network = network;
        _options = options;
        _plugin = new CniPlugin(programs, options);
        _attachments = new AttachmentStore(options.StateDirectory);
        _log = log;
    }

    /// <summary>Connects the pod; one that is connected already keeps what it has.</summary>
    /// <exception cref="CniException">A plugin failed; what the others did is undone.</exception>
    public async Task<CniResult> AddAsync(PodAttachment pod, CancellationToken cancellation)
    {
        if (_attachments.Read(pod.ContainerId) is { } earlier)
        {
            if (earlier["result"] is JsonObject connected)
                return CniResult.Parse(connected);
            await DeleteAsync(pod.ContainerId, cancellation);
        }

        var attachment = Describe(pod);
        _attachments.Write(pod.ContainerId, attachment);
        try
        {
            var chain = AddAllAsync(attachment, cancellation);
            await Task.WhenAll(chain, RaiseLoopbackAsync(attachment, cancellation));
            attachment["result"] = chain.Result.DeepClone();
            _attachments.Write(pod.ContainerId, attachment);
            return CniResult.Parse(chain.Result);
        }
        catch
        {
            await UndoAsync(pod);
            throw;
        }
    }

    /// <summary>Disconnects the pod and frees its addresses. A pod that is not connected is no error.</summary>
    /// <exception cref="CniException">A plugin failed; the pod stays known and the next call tries again.</exception>
    public async Task DeleteAsync(string containerId, CancellationToken cancellation)
    {
        if (_attachments.Read(containerId) is not { } attachment)
        {
            _attachments.Delete(containerId);
            return;
        }

        // With the namespace gone plugins must still free what lies outside it; the specification has them try.
        var namespacePath = attachment["netns"]!.GetValue<string>();
        var parameters = Parameters(attachment, File.Exists(namespacePath) ? namespacePath : "");
        foreach (var plugin in Applicable(attachment).Reverse())
            await _plugin.CallAsync("DEL", Configuration(attachment, plugin, attachment["result"]), parameters, cancellation);
        _attachments.Delete(containerId);
    }

    /// <summary>Asks the plugins whether the pod's network is still as they made it.</summary>
    /// <exception cref="CniException">It is not, or the pod was never connected.</exception>
    public async Task CheckAsync(string containerId, CancellationToken cancellation)
    {
        if (_attachments.Read(containerId) is not { } attachment || attachment["result"] is not { } result)
            throw new CniException(_network.Name, "CHECK", 0, $"{containerId} is not connected");
        var parameters = Parameters(attachment, attachment["netns"]!.GetValue<string>());
        foreach (var plugin in Applicable(attachment))
            await _plugin.CallAsync("CHECK", Configuration(attachment, plugin, result), parameters, cancellation);
    }

    /// <summary>
    /// Frees what pods that no longer exist have left: connections, and addresses that host-local still counts as taken.
    /// Pods must not be connected meanwhile, except those in <paramref name="live"/>.
    /// </summary>
    /// <returns>How many were freed.</returns>
    public async Task<int> SweepAsync(IReadOnlySet<string> live, CancellationToken cancellation)
    {
        var freed = 0;
        foreach (var containerId in _attachments.ContainerIds.Where(id => !live.Contains(id)).ToList())
        {
            await DeleteAsync(containerId, cancellation);
            freed++;
        }

        if (_options.AllocationDirectory is { } allocations)
            freed += await HostLocalAllocations.ReleaseAsync(Path.Combine(allocations, _network.Name), live, cancellation);
        if (freed > 0)
            Log.Swept(_log, freed);
        return freed;
    }

    private async Task UndoAsync(PodAttachment pod)
    {
        try
        {
            await DeleteAsync(pod.ContainerId, CancellationToken.None);
        }
        catch (NetworkException e)
        {
            // The first failure is the one to report. The pod's file stays, so the next add, delete or sweep tries again.
            Log.UndoFailed(_log, pod.PodNamespace, pod.PodName, e.Message);
        }
    }

    private async Task<JsonObject> AddAllAsync(JsonObject attachment, CancellationToken cancellation)
    {
        var parameters = Parameters(attachment, attachment["netns"]!.GetValue<string>());
        JsonObject? result = null;
        foreach (var plugin in Applicable(attachment))
            result = await _plugin.CallAsync("ADD", Configuration(attachment, plugin, result), parameters, cancellation) ?? result;
        return result ?? throw new NetworkException($"the CNI network {_network.Name} gave no result");
    }

    private async Task RaiseLoopbackAsync(JsonObject attachment, CancellationToken cancellation)
    {
        var configuration = new JsonObject { ["cniVersion"] = _network.Version, ["name"] = "lo", ["type"] = "loopback" };
        var parameters = Parameters(attachment, attachment["netns"]!.GetValue<string>());
        parameters["CNI_IFNAME"] = "lo";
        await _plugin.CallAsync("ADD", configuration, parameters, cancellation);
    }

    private JsonObject Describe(PodAttachment pod)
    {
        var ports = new JsonArray([.. pod.HostPorts.Select(port => (JsonNode)new JsonObject
        {
            ["hostPort"] = port.Port,
            ["containerPort"] = port.ContainerPort,
            ["protocol"] = port.Protocol == VipProtocol.Tcp ? "tcp" : "udp",
            ["hostIP"] = port.HostAddress ?? "",
        })]);
        return new JsonObject
        {
            ["containerId"] = pod.ContainerId,
            ["netns"] = pod.NetworkNamespace,
            ["args"] = $"IgnoreUnknown=1;K8S_POD_NAMESPACE={pod.PodNamespace};K8S_POD_NAME={pod.PodName};"
                + $"K8S_POD_INFRA_CONTAINER_ID={pod.ContainerId}",
            ["portMappings"] = ports,
            ["network"] = _network.Json.DeepClone(),
        };
    }

    // portmap without a port to map does nothing; leaving it out saves a process per pod.
    private static IEnumerable<JsonObject> Applicable(JsonObject attachment)
    {
        var ports = (attachment["portMappings"] as JsonArray)?.Count ?? 0;
        return CniNetwork.Parse(attachment["network"]!.ToJsonString()).Plugins
            .Where(plugin => ports > 0 || plugin["type"]!.GetValue<string>() != "portmap");
    }

    private static JsonObject Configuration(JsonObject attachment, JsonObject plugin, JsonNode? previous)
    {
        var network = attachment["network"]!;
        var configuration = (JsonObject)plugin.DeepClone();
        configuration["cniVersion"] = network["cniVersion"]?.DeepClone() ?? "0.4.0";
        configuration["name"] = network["name"]!.DeepClone();
        if (configuration["capabilities"]?["portMappings"]?.GetValue<bool>() == true)
            configuration["runtimeConfig"] = new JsonObject { ["portMappings"] = attachment["portMappings"]?.DeepClone() };
        if (previous is not null)
            configuration["prevResult"] = previous.DeepClone();
        return configuration;
    }

    private Dictionary<string, string> Parameters(JsonObject attachment, string namespacePath) => new()
    {
        ["CNI_CONTAINERID"] = attachment["containerId"]!.GetValue<string>(),
        ["CNI_NETNS"] = namespacePath,
        ["CNI_IFNAME"] = _options.Interface,
        ["CNI_ARGS"] = attachment["args"]!.GetValue<string>(),
    };

    private static partial class Log
    {
        [LoggerMessage(120, LogLevel.Warning, "Pod {Namespace}/{Name} is still half connected: {Problem}")]
        public static partial void UndoFailed(ILogger log, string @namespace, string name, string problem);

        [LoggerMessage(121, LogLevel.Warning, "Freed the network of {Count} pods that no longer exist")]
        public static partial void Swept(ILogger log, int count);
    }
}
