using System.Globalization;
using System.Reflection;
using ControlPlane.Agent.Images;
using ControlPlane.Agent.Linux;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Values;

namespace ControlPlane.Agent.Reporting;

/// <summary>The Node object as this agent sees it.</summary>
internal sealed class NodeStatusBuilder(AgentOptions options)
{
    private const int ReportedImages = 50;

    private static readonly string AgentVersion =
        "v" + (Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0");

    /// <summary>Labels that the agent is responsible for.</summary>
    public IReadOnlyDictionary<string, string> Labels()
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["kubernetes.io/hostname"] = options.NodeName,
            ["kubernetes.io/os"] = "linux",
            ["kubernetes.io/arch"] = MachineFacts.Architecture(),
        };
        foreach (var pair in options.Labels.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            labels[equals < 0 ? pair : pair[..equals]] = equals < 0 ? "" : pair[(equals + 1)..];
        }

        return labels;
    }

    public NodeStatus Build(string runtimeVersion, IReadOnlyList<LocalImage> images, IReadOnlyList<NodeCondition> conditions)
    {
        var cpu = options.Cpu.Length > 0 ? Quantity.Parse(options.Cpu) : Quantity.FromMilli(Environment.ProcessorCount * 1000L);
        var memory = options.Memory.Length > 0 ? Quantity.Parse(options.Memory).Units : MachineFacts.MemoryBytes();
        var reserved = options.Memory.Length > 0 ? 0 : Math.Min(Quantity.Parse(options.ReservedMemory).Units, memory / 2);
        var disk = FileSystemUsage.Of(options.RootDirectory);
        var pods = Quantity.Parse(options.MaxPods.ToString(CultureInfo.InvariantCulture));
        return new NodeStatus
        {
            Capacity = Resources(cpu, memory, disk.TotalBytes, pods),
            Allocatable = Resources(cpu, memory - reserved, disk.TotalBytes - (disk.TotalBytes / 10), pods),
            Conditions = conditions,
            Addresses =
            [
                new NodeAddress { Type = "InternalIP", Address = options.NodeIp },
                new NodeAddress { Type = "Hostname", Address = options.NodeName },
            ],
            DaemonEndpoints = new NodeDaemonEndpoints { KubeletEndpoint = new DaemonEndpoint { Port = new Uri(options.Listen).Port } },
            NodeInfo = new NodeSystemInfo
            {
                MachineId = MachineFacts.MachineId(),
                SystemUuid = MachineFacts.MachineId(),
                BootId = HostIdentity.BootId(),
                KernelVersion = MachineFacts.KernelVersion(),
                OsImage = MachineFacts.OsImage(),
                ContainerRuntimeVersion = runtimeVersion,
                KubeletVersion = AgentVersion,
                KubeProxyVersion = AgentVersion,
                OperatingSystem = "linux",
                Architecture = MachineFacts.Architecture(),
            },
            Images =
            [
                .. images.OrderByDescending(i => i.Size).ThenBy(i => i.Id.ToString(), StringComparer.Ordinal).Take(ReportedImages)
                    .Select(i => new ContainerImage { Names = i.References, SizeBytes = i.Size }),
            ],
        };
    }

    /// <summary>Ready, and the pressures; the times of conditions that stayed as they were are kept.</summary>
    public static IReadOnlyList<NodeCondition> Conditions(
        IReadOnlyList<string> problems, NodePressure pressure, IReadOnlyList<NodeCondition> before, DateTimeOffset now)
    {
        var ready = problems.Count == 0
            ? new NodeCondition { Type = "Ready", Status = "True", Reason = "KubeletReady", Message = "the agent is ready" }
            : new NodeCondition { Type = "Ready", Status = "False", Reason = "KubeletNotReady", Message = string.Join("; ", problems) };
        IEnumerable<NodeCondition> made = [.. pressure.Conditions(), ready];
        return [.. made.Select(condition =>
        {
            var old = before.FirstOrDefault(b => b.Type == condition.Type);
            return condition with { LastHeartbeatTime = now, LastTransitionTime = old?.Status == condition.Status ? old.LastTransitionTime : now };
        })];
    }

    private static Dictionary<string, Quantity> Resources(Quantity cpu, long memory, long disk, Quantity pods) => new()
    {
        ["cpu"] = cpu,
        ["ephemeral-storage"] = Quantity.FromBytes(disk),
        ["memory"] = Quantity.FromBytes(memory),
        ["pods"] = pods,
    };
}
