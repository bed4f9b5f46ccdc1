using ControlPlane.Agent.Events;
using ControlPlane.Agent.Probes;
using ControlPlane.Api.Client;
using ControlPlane.Api.Core.V1;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Pods;

/// <summary>What every pod's worker uses.</summary>
internal sealed record PodWorkerServices(
    IApiClient Client, PodStore Store, PodOperations Operations, Prober Prober, EventRecorder Events, TimeProvider Time, ILogger<PodWorker> Log)
{
    /// <summary>The node's address, as pods' hostIP.</summary>
    public required string HostIp { get; init; }

    public PodStatusReporter CreateReporter(Pod pod) => new(Client, HostIp, pod, Time, Log);
}
