using ControlPlane.Agent.Hooks;
using ControlPlane.Agent.Linux;
using ControlPlane.Agent.Pods;

namespace ControlPlane.Agent.Endpoint;

/// <summary>What pods and their containers use, in the shape of a kubelet's /stats/summary.</summary>
internal sealed class StatsSummary(AgentOptions options, PodManager pods, TimeProvider time)
{
    public Summary Build()
    {
        var now = time.GetUtcNow();
        return new Summary(
            Node(Read(options.EffectiveCgroupRoot), now),
            [.. pods.Workers.Where(w => w.State.Sandbox.Stage == SandboxStage.Ready).Select(w => Build(w.State, now))]);
    }

    private NodeStats Node(CgroupUsage usage, DateTimeOffset now) => new(options.NodeName, Cpu(usage, now), Memory(usage, now));

    private PodStats Build(PodState state, DateTimeOffset now)
    {
        var path = CgroupHook.PathOf(options.EffectiveCgroupRoot, state.Uid);
        var meta = state.Pod.Metadata;
        var usage = Read(path);
        return new PodStats(
            new PodReference(meta.Name ?? "", meta.Namespace ?? "", state.Uid),
            state.StartTime,
            Cpu(usage, now),
            Memory(usage, now),
            [.. state.Containers.Where(c => c.Value.IsRunning).Select(c => Build(c.Key, c.Value.Run!, Read(path + "/" + c.Value.Run!.Id), now))]);
    }

    private static ContainerStats Build(string name, ContainerRun run, CgroupUsage usage, DateTimeOffset now) =>
        new(name, run.StartedAt, Cpu(usage, now), Memory(usage, now));

    private static CgroupUsage Read(string cgroup) => Cgroup.At(cgroup).ReadUsage() ?? new CgroupUsage();

    private static CpuStats Cpu(CgroupUsage usage, DateTimeOffset now) => new(now, usage.CpuNanoseconds);

    private static MemoryStats Memory(CgroupUsage usage, DateTimeOffset now) => new(now, usage.MemoryBytes, usage.WorkingSetBytes, usage.RssBytes);

    internal sealed record Summary(NodeStats Node, IReadOnlyList<PodStats> Pods);

    internal sealed record NodeStats(string NodeName, CpuStats Cpu, MemoryStats Memory);

    internal sealed record PodStats(
        PodReference PodRef, DateTimeOffset StartTime, CpuStats Cpu, MemoryStats Memory, IReadOnlyList<ContainerStats> Containers);

    internal sealed record ContainerStats(string Name, DateTimeOffset? StartTime, CpuStats Cpu, MemoryStats Memory);

    internal sealed record PodReference(string Name, string Namespace, string Uid);

    internal sealed record CpuStats(DateTimeOffset Time, long UsageCoreNanoSeconds);

    internal sealed record MemoryStats(DateTimeOffset Time, long UsageBytes, long WorkingSetBytes, long RssBytes);
}
