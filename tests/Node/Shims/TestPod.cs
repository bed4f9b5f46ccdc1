using ControlPlane.Agent.Bundles;
using ControlPlane.Agent.Linux;
using ControlPlane.Agent.Shim.Contract;
using ControlPlane.Agent.Shims;

namespace ControlPlane.Node.Tests.Shims;

/// <summary>
/// A pod on this machine: namespaces, a cgroup and a real shim. Disposing it removes all of it and fails if anything is left.
/// </summary>
internal sealed class TestPod : IAsyncDisposable
{
    private static int _count;

    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(60));
    private readonly PodNamespacePaths _namespaces;
    private readonly Cgroup _cgroup;

    private TestPod(string directory, PodNamespacePaths namespaces, Cgroup cgroup, ShimClient shim)
    {
        Directory = directory;
        _namespaces = namespaces;
        _cgroup = cgroup;
        Shim = shim;
    }

    internal string Directory { get; }

    internal ShimClient Shim { get; set; }

    /// <summary>Ends every wait of a test that hangs.</summary>
    internal CancellationToken Deadline => _deadline.Token;

    internal string CgroupPath => _cgroup.Path;

    internal static async Task<TestPod> CreateAsync()
    {
        Assert.True(ProcessControl.EffectiveUserId() == 0, "The node tests need root.");
        var name = $"{Environment.ProcessId}-{Interlocked.Increment(ref _count)}";
        var directory = "/run/cp-shim-test-" + name;
        System.IO.Directory.CreateDirectory(directory);
        var namespaces = PodNamespaces.Create(directory, new PodNamespaceRequest { Hostname = "testpod" });
        var cgroup = Cgroup.At("/cp-shim-test-" + name);
        cgroup.Create(new CgroupLimits());
        var launch = new ShimLaunch { PodDirectory = directory, ShimPath = ShimBinary.Path };
        return new TestPod(directory, namespaces, cgroup, await ShimLauncher.StartAsync(launch, CancellationToken.None));
    }

    internal ContainerConfig Config(params string[] args) => new()
    {
        RootfsPath = TestRootfs.Path,
        Args = args,
        Env = ["PATH=/bin", "TERM=xterm"],
        CgroupPath = CgroupPath + "/" + Guid.NewGuid().ToString("N")[..8],
        ReadOnlyRootfs = true,
        Namespaces = new ContainerNamespaces { NetworkPath = _namespaces.Network, IpcPath = _namespaces.Ipc, UtsPath = _namespaces.Uts },
    };

    internal ContainerConfig Shell(string script) => Config("sh", "-c", script);

    internal Task<Started> StartAsync(string id, ContainerConfig config, Func<StartRequest, StartRequest>? change = null)
    {
        var bundle = Bundle(id);
        ControlPlane.Agent.Bundles.Bundle.Write(bundle, config);
        var request = new StartRequest { Id = id, Bundle = bundle, LogPath = LogPath(id), CgroupPath = config.CgroupPath, Terminal = config.Terminal };
        return Shim.StartAsync(change?.Invoke(request) ?? request, Deadline);
    }

    internal string Bundle(string id) => Path.Combine(Directory, id);

    internal string LogPath(string id) => Path.Combine(Directory, id + ".log");

    /// <summary>The text of a container's log, without timestamps and tags, one stream.</summary>
    internal string Output(string id, string stream = "stdout")
    {
        var lines = File.ReadAllLines(LogPath(id)).Select(static line => line.Split(' ', 4)).Where(parts => parts[1] == stream);
        return string.Concat(lines.Select(static parts => parts[3] + (parts[2] == "F" ? "\n" : "")));
    }

    internal async Task<ContainerExit> ExitOfAsync(string id)
    {
        await foreach (var exit in Shim.ExitsAsync(Deadline))
        {
            if (exit.Id == id) return exit;
        }

        throw new InvalidOperationException("The stream of exits ended.");
    }

    internal async Task<SessionResult> ExecAsync(ExecRequest request, byte[]? input = null)
    {
        using var session = await Shim.ExecAsync(request, Deadline);
        if (input is not null)
        {
            await session.WriteAsync(input, Deadline);
            await session.EndInputAsync(Deadline);
        }

        using var stdout = new MemoryStream();
        using var stderr = new MemoryStream();
        var exit = await session.CopyToAsync(stdout, stderr, Deadline);
        return new SessionResult(exit, stdout.ToArray(), stderr.ToArray());
    }

    internal async Task<int> ShimPidAsync() => (await Shim.HelloAsync(Deadline)).Pid;

    /// <summary>Waits until something becomes true, or fails with what it was meant to be.</summary>
    internal async Task EventuallyAsync(Func<bool> condition, string what)
    {
        var end = DateTime.UtcNow + TimeSpan.FromSeconds(10);
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < end, "Not within ten seconds: " + what);
            await Task.Delay(5, Deadline);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var container in await Shim.ListAsync(Deadline)) await Shim.DeleteAsync(container.Id, Deadline);
        var pid = await ShimPidAsync();
        await Shim.ShutdownAsync(Deadline);
        await _cgroup.RemoveAsync(Deadline);
        PodNamespaces.Remove(Directory);
        Assert.DoesNotContain(MountTable.Read(), mount => mount.IsAtOrBelow(Directory));
        Assert.Null(ProcessIdentity.Of(pid));
        Assert.Equal("", string.Concat(File.ReadLines(Path.Combine(Directory, PodDirectory.Log)).Where(static line => !line.Contains("oom_score_adj", StringComparison.Ordinal))));
        System.IO.Directory.Delete(Directory, recursive: true);
        _deadline.Dispose();
    }
}
