using System.Text;
using ControlPlane.Api.Client;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Values;

namespace ControlPlane.Node.Tests.Agent;

/// <summary>What a pod is on a real node.</summary>
public sealed class PodTests : IAsyncLifetime
{
    private AgentLab _lab = null!;

    public async Task InitializeAsync() => _lab = await AgentLab.StartAsync();

    public async Task DisposeAsync() => await _lab.DisposeAsync();

    [Fact]
    public async Task Pod_WithInitContainersVolumesAndEnvironment_SeesWhatItAskedFor()
    {
        await _lab.Client.CreateAsync(new Secret { Metadata = new ObjectMeta { Namespace = "default", Name = "s" }, Data = new Dictionary<string, byte[]> { ["pw"] = "hunter2"u8.ToArray() } }, default);
        await _lab.Client.CreateAsync(new ConfigMap { Metadata = new ObjectMeta { Namespace = "default", Name = "m" }, Data = new Dictionary<string, string> { ["conf"] = "x=1" } }, default);
        var pod = await _lab.CreateAsync(new PodSpec
        {
            Volumes =
            [
                new Volume { Name = "secret", Secret = new SecretVolumeSource { SecretName = "s", DefaultMode = 256 } },
                new Volume { Name = "config", ConfigMap = new ConfigMapVolumeSource { Name = "m" } },
                new Volume { Name = "scratch", EmptyDir = new EmptyDirVolumeSource() },
            ],
            InitContainers =
            [
                AgentLab.Shell("first", "echo first >> /scratch/order") with { VolumeMounts = [new VolumeMount { Name = "scratch", MountPath = "/scratch" }] },
                AgentLab.Shell("second", "echo second >> /scratch/order") with { VolumeMounts = [new VolumeMount { Name = "scratch", MountPath = "/scratch" }] },
            ],
            Containers =
            [
                AgentLab.Shell("main", "cat /secret/pw /config/conf; echo; cat /scratch/order; echo $PW $IP; stat -L -c %a /secret/pw; stat -f -c %T /secret; exec sleep 1000") with
                {
                    Env =
                    [
                        new EnvVar { Name = "PW", ValueFrom = new EnvVarSource { SecretKeyRef = new KeySelector { Name = "s", Key = "pw" } } },
                        new EnvVar { Name = "IP", ValueFrom = new EnvVarSource { FieldRef = new ObjectFieldSelector { FieldPath = "status.podIP" } } },
                    ],
                    VolumeMounts =
                    [
                        new VolumeMount { Name = "secret", MountPath = "/secret" },
                        new VolumeMount { Name = "config", MountPath = "/config" },
                        new VolumeMount { Name = "scratch", MountPath = "/scratch" },
                    ],
                },
            ],
        });

        pod = await _lab.RunningAsync(pod);

        await _lab.EventuallyAsync("the log is complete", async () => (await _lab.LogsAsync(pod, "main")).Contains("tmpfs", StringComparison.Ordinal));
        Assert.Equal($"hunter2x=1\nfirst\nsecond\nhunter2 {pod.Status!.PodIp}\n400\ntmpfs\n", await _lab.LogsAsync(pod, "main"));
        Assert.Equal(["True", "True", "True"], pod.Status.Conditions.Where(c => c.Type != "PodScheduled").Select(c => c.Status));
        await _lab.DeleteAsync(pod);
        Assert.Empty(_lab.Traces());
    }

    [Fact]
    public async Task Container_ThatEnds_SaysHowAndIsRestartedWithBackOff()
    {
        var pod = await _lab.CreateAsync(
            new PodSpec { Containers = [AgentLab.Shell("c", "echo run; echo last words > /dev/termination-log; exit 3")] },
            new Dictionary<string, string> { ["controlplane.dev/backoff"] = "1,1,1" });

        pod = await _lab.EventuallyAsync(pod, "is restarted twice", p => p.Status?.ContainerStatuses is [{ RestartCount: >= 2, LastState.Terminated: not null }]);

        var ended = pod.Status!.ContainerStatuses[0].LastState!.Terminated!;
        Assert.Equal((3, "Error", "last words\n"), (ended.ExitCode, ended.Reason, ended.Message));
        await _lab.EventuallyAsync(pod, "waits", p => p.Status?.ContainerStatuses[0].State?.Waiting?.Reason == "CrashLoopBackOff");
        Assert.Equal("run\n", await _lab.LogsAsync(pod, "c", "?previous=true"));
        await _lab.DeleteAsync(pod);
        Assert.Empty(_lab.Traces());
    }

    [Fact]
    public async Task Container_OutOfMemory_IsNamedSo()
    {
        var greedy = AgentLab.Shell("c", "x=a; while true; do x=$x$x; done") with
        {
            Resources = new ResourceRequirements { Limits = new Dictionary<string, Quantity> { ["memory"] = Quantity.Parse("24Mi") } },
        };
        var pod = await _lab.CreateAsync(new PodSpec { RestartPolicy = "Never", Containers = [greedy] });

        pod = await _lab.EventuallyAsync(pod, "has failed", p => p.Status?.Phase == "Failed");

        Assert.Equal((137, "OOMKilled"), (pod.Status!.ContainerStatuses[0].State!.Terminated!.ExitCode, pod.Status.ContainerStatuses[0].State!.Terminated!.Reason));
    }

    [Fact]
    public async Task Pod_WhoseWorkIsDone_SucceedsAndKeepsItsLog()
    {
        var pod = await _lab.CreateAsync(new PodSpec { RestartPolicy = "OnFailure", Containers = [AgentLab.Shell("c", "echo done")] });

        await _lab.EventuallyAsync(pod, "has succeeded", p => p.Status?.Phase == "Succeeded");

        Assert.Equal("done\n", await _lab.LogsAsync(pod, "c"));
        await _lab.EventuallyAsync("its sandbox is gone", () => Task.FromResult(!_lab.Traces().Any(t => t.StartsWith("mount", StringComparison.Ordinal) || t.StartsWith("process", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task Container_WithMissingSecret_WaitsNamingItAndStartsWhenItComes()
    {
        var needy = AgentLab.Shell("c", "echo $PW; exec sleep 1000") with
        {
            Env = [new EnvVar { Name = "PW", ValueFrom = new EnvVarSource { SecretKeyRef = new KeySelector { Name = "late", Key = "pw" } } }],
        };
        var pod = await _lab.CreateAsync(needy);

        pod = await _lab.EventuallyAsync(pod, "waits", p => p.Status?.ContainerStatuses is [{ State.Waiting.Reason: "CreateContainerConfigError" }]);
        Assert.Equal("secret \"late\" not found", pod.Status!.ContainerStatuses[0].State!.Waiting!.Message);
        await _lab.Client.CreateAsync(new Secret { Metadata = new ObjectMeta { Namespace = "default", Name = "late" }, Data = new Dictionary<string, byte[]> { ["pw"] = Encoding.UTF8.GetBytes("here") } }, default);

        await _lab.RunningAsync(pod);
        Assert.Equal("here\n", await _lab.LogsAsync(pod, "c"));
    }

    [Fact]
    public async Task Probes_DecideAboutReadinessAndRestart()
    {
        var probed = AgentLab.Shell("c", "touch /alive; exec sleep 1000") with
        {
            ReadinessProbe = new Probe { Exec = new ExecAction { Command = ["test", "-e", "/ready"] }, PeriodSeconds = 1, FailureThreshold = 1 },
            LivenessProbe = new Probe { Exec = new ExecAction { Command = ["test", "-e", "/alive"] }, PeriodSeconds = 1, FailureThreshold = 2 },
        };
        var pod = await _lab.CreateAsync(probed);
        pod = await _lab.EventuallyAsync(pod, "runs", p => p.Status?.ContainerStatuses is [{ State.Running: not null }]);
        Assert.False(pod.Status!.ContainerStatuses[0].Ready);

        InContainer(pod, "ready", create: true);
        await _lab.RunningAsync(pod);
        InContainer(pod, "ready", create: false);
        await _lab.EventuallyAsync(pod, "is not ready", p => p.Status?.ContainerStatuses is [{ Ready: false, RestartCount: 0 }]);
        InContainer(pod, "alive", create: false);
        await _lab.EventuallyAsync(pod, "is restarted", p => p.Status?.ContainerStatuses is [{ RestartCount: 1, State.Running: not null }]);
    }

    [Fact]
    public async Task Endpoint_RefusesCallersWithoutTheServersCertificate()
    {
        using var stranger = _lab.CreateEndpointClient(identity: null);
        await Assert.ThrowsAsync<HttpRequestException>(() => stranger.GetStringAsync(_lab.EndpointAddress("/pods")));
        Assert.Equal("ok", await _lab.Endpoint.GetStringAsync(_lab.EndpointAddress("/healthz")));
    }

    private void InContainer(Pod pod, string file, bool create)
    {
        var path = $"/proc/{_lab.Pids(pod)["c"]}/root/{file}";
        if (create)
            File.WriteAllText(path, "");
        else
            File.Delete(path);
    }
}
