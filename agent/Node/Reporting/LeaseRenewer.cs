using System.Text.Json.Nodes;
using ControlPlane.Api.Client;
using ControlPlane.Api.Coordination.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Values;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Reporting;

/// <summary>
/// The node's sign of life: a lease in kube-node-lease, renewed every few seconds on a loop of its own, so that nothing else the agent
/// does can hold it up.
/// </summary>
internal sealed partial class LeaseRenewer(IApiClient client, AgentOptions options, TimeProvider time, ILogger<LeaseRenewer> log) : BackgroundService
{
    private const string LeaseNamespace = "kube-node-lease";
    private const int MissedRenewals = 4;

    private readonly ObjectKey _key = new(LeaseNamespace, options.NodeName);
    private bool _exists;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await RenewAsync(stoppingToken);
            }
            catch (Exception e) when (e is ApiException or ApiUnreachableException)
            {
                Log.Failed(log, e.Message);
            }

            await Task.Delay(TimeSpan.FromSeconds(options.HeartbeatSeconds), time, stoppingToken);
        }
    }

    private async Task RenewAsync(CancellationToken cancellation)
    {
        MicroTime now = time.GetUtcNow();
        if (_exists)
        {
            try
            {
                var renewal = new JsonObject { ["spec"] = new JsonObject { ["renewTime"] = now.ToString() } };
                await client.PatchAsync<Lease>(_key, PatchBody.Merge(renewal), cancellation);
                return;
            }
            catch (ApiException e) when (e.IsNotFound)
            {
                _exists = false;
            }
        }

        var spec = new LeaseSpec { HolderIdentity = options.NodeName, LeaseDurationSeconds = options.HeartbeatSeconds * MissedRenewals, RenewTime = now };
        try
        {
            await client.CreateAsync(new Lease { Metadata = new ObjectMeta { Namespace = _key.Namespace, Name = _key.Name }, Spec = spec }, cancellation);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            var claim = new JsonObject { ["spec"] = new JsonObject
            {
                ["holderIdentity"] = spec.HolderIdentity, ["leaseDurationSeconds"] = spec.LeaseDurationSeconds, ["renewTime"] = now.ToString(),
            } };
            await client.PatchAsync<Lease>(_key, PatchBody.Merge(claim), cancellation);
        }

        _exists = true;
    }

    private static partial class Log
    {
        [LoggerMessage(2510, LogLevel.Warning, "The node's lease was not renewed: {Problem}")]
        public static partial void Failed(ILogger log, string problem);
    }
}
