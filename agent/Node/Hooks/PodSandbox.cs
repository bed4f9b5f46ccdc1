using ControlPlane.Agent.Pods;
using ControlPlane.Agent.Shims;
using ControlPlane.Api.Core.V1;

namespace ControlPlane.Agent.Hooks;

/// <summary>What the containers of one pod share, as far as it has been made.</summary>
internal sealed class PodSandbox(Pod pod, PodPaths paths) : IDisposable
{
    private readonly SemaphoreSlim _volumes = new(1, 1);

    /// <summary>The object as it was when the sandbox was begun; the parts that hooks use cannot change.</summary>
    public Pod Pod => pod;

    public string Uid => pod.Metadata.Uid ?? "";

    public PodPaths Paths => paths;

    /// <summary>Set by the network hook.</summary>
    public string? PodIp { get; set; }

    /// <summary>Set by the shim hook, or by recovery.</summary>
    public ShimClient? Shim { get; set; }

    /// <summary>Making, refreshing and removing volumes exclude each other. Disposing the result ends the turn.</summary>
    public async Task<IDisposable> EnterVolumesAsync(CancellationToken cancellation)
    {
        await _volumes.WaitAsync(cancellation);
        return new Turn(_volumes);
    }

    public void Dispose() => _volumes.Dispose();

    private sealed class Turn(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
