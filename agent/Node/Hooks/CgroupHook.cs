using ControlPlane.Agent.Linux;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Values;

namespace ControlPlane.Agent.Hooks;

/// <summary>The pod's cgroup, above those of its containers.</summary>
internal sealed class CgroupHook(string cgroupRoot) : IPodHook
{
    private const long SharesPerCpu = 1024;
    private const long LeastShares = 2;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public string Name => "cgroup";

    public static string PathOf(string cgroupRoot, string uid) => $"{cgroupRoot}/pod{uid}";

    public Task ApplyAsync(PodSandbox sandbox, CancellationToken cancellation)
    {
        Cgroup.At(PathOf(cgroupRoot, sandbox.Uid)).Create(Limits(sandbox.Pod.Spec ?? new PodSpec()));
        return Task.CompletedTask;
    }

    public async Task UndoAsync(PodSandbox sandbox, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        var path = PathOf(cgroupRoot, sandbox.Uid);
        try
        {
            await Cgroup.At(path).RemoveAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new IOException($"processes in {path} did not end within {Patience.TotalSeconds:0} s");
        }
    }

    /// <summary>What the containers may use together: a limit of the pod only where each of them has one.</summary>
    internal static CgroupLimits Limits(PodSpec spec)
    {
        var shares = spec.Containers.Sum(c => Request(c, "cpu") ?? 0) * SharesPerCpu / 1000m;
        var memory = Together(spec, c => Limit(c, "memory"));
        return new CgroupLimits
        {
            CpuShares = Math.Max(LeastShares, (long)shares),
            MemoryBytes = memory,
        };
    }

    // Init containers run alone, so the pod needs the larger of the largest of them and the sum of the others.
    private static long? Together(PodSpec spec, Func<Container, long?> limit)
    {
        if (spec.Containers.Concat(spec.InitContainers).Any(c => limit(c) is null))
            return null;
        var largestInit = spec.InitContainers.Select(limit).Max() ?? 0;
        return Math.Max(spec.Containers.Sum(limit) ?? 0, largestInit);
    }

    private static long? Limit(Container container, string resource) =>
        container.Resources?.Limits.TryGetValue(resource, out var amount) == true ? amount.Units : null;

    private static long? Request(Container container, string resource) => container.Resources is not { } resources ? null
        : resources.Requests.TryGetValue(resource, out Quantity amount) || resources.Limits.TryGetValue(resource, out amount) ? amount.Milli
        : null;
}
