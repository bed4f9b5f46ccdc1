using ControlPlane.Agent.Pods;
using Microsoft.Extensions.Hosting;

namespace ControlPlane.Agent.Recovery;

/// <summary>Holds the start of everything else until the pods of an earlier agent have been taken over.</summary>
internal sealed class RecoveryStep(PodRecovery recovery, PodManager pods) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => recovery.RunAsync(pods.Adopt, cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
