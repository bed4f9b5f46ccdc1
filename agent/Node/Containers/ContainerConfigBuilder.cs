using ControlPlane.Agent.Bundles;
using ControlPlane.Agent.Configuration;
using ControlPlane.Agent.Hooks;
using ControlPlane.Agent.Linux;
using ControlPlane.Agent.Pods;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Values;

namespace ControlPlane.Agent.Containers;

/// <summary>From a container as users write it to what an OCI runtime is told.</summary>
/// <param name="cgroupRoot">cgroup below which pods live.</param>
/// <param name="nodeMemoryBytes">Memory of the node.</param>
/// <param name="lowestOomScore">How well this agent may protect a process from running out of memory, -1000 to 1000.</param>
internal sealed class ContainerConfigBuilder(string cgroupRoot, long nodeMemoryBytes, int lowestOomScore)
{
    private const long PidsLimit = 4096;
    private const long SharesPerCpu = 1024;
    private const long LeastShares = 2;
    private const long MicrosecondsPerMilliCpu = 100;
    private const long LeastQuota = 1000;

    /// <exception cref="ContainerConfigException">The container asks for something that cannot be.</exception>
    public ContainerConfig Build(ContainerPlan plan)
    {
        var container = plan.Container;
        var security = container.SecurityContext;
        var namespaces = PodNamespaces.Find(plan.Sandbox.Paths.Root);
        return new ContainerConfig
        {
            RootfsPath = plan.Rootfs,
            Args = CommandLine.Build(container, plan.Image.Entrypoint, plan.Image.Cmd, plan.Environment),
            Env = Environment(plan),
            WorkingDirectory = First(container.WorkingDir, plan.Image.WorkingDir, "/"),
            User = ContainerUsers.Resolve(plan),
            Terminal = container.Tty == true,
            Mounts = ContainerMounts.Build(plan),
            Namespaces = new ContainerNamespaces { NetworkPath = namespaces.Network, IpcPath = namespaces.Ipc, UtsPath = namespaces.Uts },
            CgroupPath = CgroupHook.PathOf(cgroupRoot, plan.Sandbox.Uid) + "/" + plan.Run.Id,
            Resources = Resources(container.Resources),
            ReadOnlyRootfs = security?.ReadOnlyRootFilesystem == true,
            Capabilities = Capabilities(security),
            NoNewPrivileges = security?.AllowPrivilegeEscalation != true,
            Seccomp = Seccomp(plan),
            OomScoreAdjustment = Math.Max(lowestOomScore, OomScore(plan)),
            Annotations = new Dictionary<string, string>
            {
                ["controlplane.dev/pod"] = $"{plan.Pod.Metadata.Namespace}/{plan.Pod.Metadata.Name}",
                ["controlplane.dev/container"] = container.Name,
            },
        };
    }

    internal static ContainerResources Resources(ResourceRequirements? resources)
    {
        var request = Amount(resources?.Requests, "cpu") ?? Amount(resources?.Limits, "cpu");
        var limit = Amount(resources?.Limits, "cpu");
        return new ContainerResources
        {
            CpuShares = Math.Max(LeastShares, (request?.Milli ?? 0) * SharesPerCpu / 1000),
            CpuQuotaMicroseconds = limit is { } quota ? Math.Max(LeastQuota, quota.Milli * MicrosecondsPerMilliCpu) : null,
            MemoryBytes = Amount(resources?.Limits, "memory")?.Units,
            Pids = Amount(resources?.Limits, "pids")?.Units ?? PidsLimit,
        };
    }

    private static List<string> Environment(ContainerPlan plan)
    {
        var list = new List<string>(plan.Environment.Count + 2);
        if (!plan.Environment.ContainsKey("PATH"))
            list.Add("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        if (!plan.Environment.ContainsKey("HOSTNAME"))
            list.Add("HOSTNAME=" + NetworkHook.HostnameOf(plan.Pod));
        if (plan.Container.Tty == true && !plan.Environment.ContainsKey("TERM"))
            list.Add("TERM=xterm");
        list.AddRange(plan.Environment.Select(v => $"{v.Key}={v.Value}"));
        return list;
    }

    private static IReadOnlyList<string> Capabilities(SecurityContext? security)
    {
        if (security?.Capabilities is not { } capabilities)
            return CapabilitySet.Default;
        try
        {
            return CapabilitySet.Resolve(capabilities.Add, capabilities.Drop);
        }
        catch (ArgumentException e)
        {
            throw new ContainerConfigException(e.Message);
        }
    }

    private static Bundles.SeccompProfile Seccomp(ContainerPlan plan)
    {
        var wanted = plan.Container.SecurityContext?.SeccompProfile ?? plan.Pod.Spec?.SecurityContext?.SeccompProfile;
        return wanted?.Type == "Unconfined" ? Bundles.SeccompProfile.Unconfined : Bundles.SeccompProfile.RuntimeDefault;
    }

    // As Kubernetes: when the node runs out of memory, those go first that promised least.
    private int OomScore(ContainerPlan plan)
    {
        const int Guaranteed = -997;
        const int BestEffort = 1000;
        switch (PodQos.Of(plan.Pod.Spec ?? new PodSpec()))
        {
            case PodQos.Guaranteed:
                return Guaranteed;
            case PodQos.BestEffort:
                return BestEffort;
            default:
                var request = Amount(plan.Container.Resources?.Requests, "memory") ?? Amount(plan.Container.Resources?.Limits, "memory");
                var score = BestEffort - (int)(1000m * (request?.Units ?? 0) / Math.Max(1, nodeMemoryBytes));
                return Math.Clamp(score, BestEffort + Guaranteed, BestEffort - 1);
        }
    }

    private static Quantity? Amount(IReadOnlyDictionary<string, Quantity>? amounts, string resource) =>
        amounts is not null && amounts.TryGetValue(resource, out var amount) ? amount : null;

    private static string First(params ReadOnlySpan<string?> candidates)
    {
        foreach (var candidate in candidates)
        {
            if (!string.IsNullOrEmpty(candidate))
                return candidate;
        }

        return "";
    }
}
