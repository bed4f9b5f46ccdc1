using ControlPlane.Agent.Configuration;
using ControlPlane.Agent.Hooks;
using ControlPlane.Agent.Linux;
using ControlPlane.Agent.Objects;
using ControlPlane.Api.Client;
using ControlPlane.Api.Meta;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Pods;

/// <summary>Keeps the files of Secrets and ConfigMaps in running pods up to date, a minute late at most.</summary>
internal sealed partial class VolumeRefresher(
    PodManager pods, VolumesHook volumes, ConfigObjects objects, TimeProvider time, ILogger<VolumeRefresher> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(60);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(Interval, time, stoppingToken);
            foreach (var worker in pods.Workers.Where(w => w.State is { Sandbox.Stage: SandboxStage.Ready, Stop: null }))
                await RefreshAsync(worker, stoppingToken);
            objects.Trim();
        }
    }

    private async Task RefreshAsync(PodWorker worker, CancellationToken cancellation)
    {
        try
        {
            await volumes.RefreshAsync(worker.Sandbox, cancellation);
        }
        catch (Exception e) when (e is ApiException or ApiUnreachableException or ContainerConfigException or IOException or LinuxException)
        {
            // The pod keeps the files it has; a pod that ends meanwhile has none.
            Log.Failed(log, ObjectKey.Of(worker.State.Pod), e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2250, LogLevel.Information, "The volumes of {Pod} were not brought up to date: {Problem}")]
        public static partial void Failed(ILogger log, ObjectKey pod, string problem);
    }
}
