using ControlPlane.Agent.Bundles;
using ControlPlane.Agent.Linux;

namespace ControlPlane.Node.Tests.Shims;

/// <summary>What a container with the default configuration can and cannot do, asked from inside.</summary>
public sealed class IsolationTests
{
    [Theory]
    [InlineData("unshare -U true", "a new user namespace")]
    [InlineData("unshare -m true", "a new mount namespace")]
    [InlineData("mount -t tmpfs none /tmp", "a mount")]
    [InlineData("mount -o remount,rw /sys/fs/cgroup/memory", "a writable cgroupfs")]
    [InlineData("mkdir /sys/fs/cgroup/memory/x", "a cgroup of its own")]
    [InlineData("echo 1 > /proc/sys/kernel/panic", "kernel parameters")]
    [InlineData("echo b > /proc/sysrq-trigger", "a reboot")]
    [InlineData("[ $(head -c 1 /proc/kcore | wc -c) = 1 ]", "the machine's memory")]
    [InlineData("[ -n \"$(ls /sys/firmware)\" ]", "the firmware")]
    [InlineData("mknod /dev/disk b 254 0 && head -c 1 /dev/disk", "a disk")]
    [InlineData("date -s 2001-01-01; [ $(date +%Y) = 2001 ]", "the clock")]
    [InlineData("touch /file", "a read-only root")]
    [InlineData("hostname changed", "the host name")]
    public async Task DefaultContainer_ReachesFor_IsRefused(string command, string what)
    {
        await using var pod = await TestPod.CreateAsync();
        await pod.StartAsync("app", pod.Shell(command));
        Assert.True((await pod.ExitOfAsync("app")).ExitCode != 0, "The container got " + what);
    }

    [Fact]
    public async Task DefaultContainer_Status_ShowsFilterNoNewPrivilegesAndTheDefaultCapabilities()
    {
        await using var pod = await TestPod.CreateAsync();
        await pod.StartAsync("app", pod.Shell("grep -E 'Seccomp:|NoNewPrivs|CapBnd|CapInh|CapAmb' /proc/self/status; cat /proc/self/oom_score_adj"));
        await pod.ExitOfAsync("app");
        Assert.Equal("CapInh:\t0000000000000000\nCapBnd:\t00000000a80425fb\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n0\n", pod.Output("app"));
    }

    [Fact]
    public async Task Container_AskingForTheLowestOomScore_StartsWithTheLowestThereIs()
    {
        await using var pod = await TestPod.CreateAsync();
        await pod.StartAsync("app", pod.Config("cat", "/proc/self/oom_score_adj") with { OomScoreAdjustment = -997 });
        Assert.Equal(0, (await pod.ExitOfAsync("app")).ExitCode);
        Assert.Equal(ProcessControl.ReachableOomScoreAdjustment(-997) + "\n", pod.Output("app"));
    }

    [Fact]
    public async Task PrivilegedContainer_MayMountAndSeesUnmaskedPaths()
    {
        await using var pod = await TestPod.CreateAsync();
        var config = pod.Shell("mount -t tmpfs none /mnt && [ -w /proc/sys/kernel/panic ] && grep Seccomp: /proc/self/status");
        await pod.StartAsync("app", config with { Privileged = true, Capabilities = CapabilitySet.Available() });
        Assert.Equal(0, (await pod.ExitOfAsync("app")).ExitCode);
        Assert.Equal("Seccomp:\t0\n", pod.Output("app"));
    }

    [Fact]
    public async Task Container_WithOtherUserAndLimits_RunsWithinThem()
    {
        await using var pod = await TestPod.CreateAsync();
        var config = pod.Shell("id -u; id -G; ulimit -n; cat /sys/fs/cgroup/memory/memory.limit_in_bytes; cat /sys/fs/cgroup/pids/pids.max; cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us") with
        {
            User = new ContainerUser(1000, 1001) { AdditionalGids = [1002] },
            Rlimits = [new ContainerRlimit("RLIMIT_NOFILE", 256, 256)],
            Resources = new ContainerResources { MemoryBytes = 32 << 20, Pids = 20, CpuQuotaMicroseconds = 50_000 },
        };
        await pod.StartAsync("app", config);
        await pod.ExitOfAsync("app");
        Assert.Equal("1000\n1001 1002\n256\n33554432\n20\n50000\n", pod.Output("app"));
    }
}
