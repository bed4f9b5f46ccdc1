using ControlPlane.Api.Client;
using ControlPlane.Api.Coordination.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Values;
using ControlPlane.Controllers.Hosting;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Controllers.Leadership;

/// <summary>
/// Leads while it holds a Lease. Clocks of different machines are never compared: a lease counts as abandoned when this process
/// has not seen it change for its duration.
/// </summary>
internal sealed partial class LeaderElector(
    IApiClient client, ObjectKey lease, string identity, LeaseOptions options, TimeProvider time, RuntimeMetrics metrics, ILogger logger)
{
    // What was last seen of the lease, and when it last changed.
    private Lease? _seen;
    private long _seenAt;
    private bool _isAway;

    /// <summary>Waits for leadership, leads, and starts over when it is lost, until cancelled. Then gives the lease up.</summary>
    /// <param name="lead">Must return soon after its token fires; a fault ends the election.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task RunAsync(Func<Term, CancellationToken, Task> lead, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var term = await AcquireAsync(cancellationToken).ConfigureAwait(false);
            await LeadAsync(term, lead, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<Term> AcquireAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var requested = time.GetTimestamp();
            if (await TryTakeAsync(cancellationToken).ConfigureAwait(false))
                return Term.Since(requested, options.RenewDeadline, time);
            await Task.Delay(options.Retry * (1 + 0.2 * Random.Shared.NextDouble()), time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task LeadAsync(Term term, Func<Term, CancellationToken, Task> lead, CancellationToken cancellationToken)
    {
        Log.Leads(logger, identity, lease);
        metrics.Leads(lease.Name, 1);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, term.Ended);
        var leading = lead(term, stop.Token);
        try
        {
            await RenewAsync(term, leading, stop.Token).ConfigureAwait(false);
            await leading.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            Log.Lost(logger, identity, lease);
        }
        finally
        {
            metrics.Leads(lease.Name, -1);
            // All work has ended, so the next leader need not wait for the lease to run out.
            if (leading.IsCompleted && term.IsHeld)
                await ReleaseAsync().ConfigureAwait(false);
        }
    }

    // Renews until the term ends or the work does. Never throws away a running lead: waits for its end.
    private async Task RenewAsync(Term term, Task leading, CancellationToken stop)
    {
        var wait = options.Renew;
        while (!stop.IsCancellationRequested)
        {
            var pause = Task.Delay(wait, time, stop);
            if (await Task.WhenAny(leading, pause).ConfigureAwait(false) == leading || pause.IsCanceled)
                break;
            var requested = time.GetTimestamp();
            var renewed = await TryRenewAsync(stop).ConfigureAwait(false);
            if (renewed == Renewal.Done)
                term.Renew(requested, options.RenewDeadline);
            else if (renewed == Renewal.TakenByAnother)
                term.End();
            wait = renewed == Renewal.Done ? options.Renew : options.Retry;
        }
        await Task.WhenAny(leading).ConfigureAwait(false);
    }

    private async Task<bool> TryTakeAsync(CancellationToken cancellationToken)
    {
        try
        {
            var current = await client.TryGetAsync<Lease>(lease, cancellationToken).ConfigureAwait(false);
            _isAway = false;
            if (current is null)
            {
                _seen = await client.CreateAsync(Mine(null), cancellationToken).ConfigureAwait(false);
                return true;
            }
            Observe(current);
            if (!IsFree(current))
                return false;
            // Replaces exactly the version that was seen: of several candidates one succeeds.
            _seen = await client.UpdateAsync(Mine(current), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (ApiException e) when (e.IsConflict || e.IsAlreadyExists)
        {
            return false;
        }
        catch (Exception e) when (e is ApiException or ApiUnreachableException)
        {
            ReportAway(e);
            return false;
        }
    }

    private async Task<Renewal> TryRenewAsync(CancellationToken cancellationToken)
    {
        try
        {
            _seen = await client.UpdateAsync(Renewed(_seen!), cancellationToken).ConfigureAwait(false);
            _isAway = false;
            return Renewal.Done;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Renewal.Failed;
        }
        catch (ApiException e) when (e.IsConflict || e.IsNotFound)
        {
            // An earlier renewal whose answer was lost also conflicts: look who holds it.
            return await IsStillMineAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ApiException or ApiUnreachableException)
        {
            ReportAway(e);
            return Renewal.Failed;
        }
    }

    private async Task<Renewal> IsStillMineAsync(CancellationToken cancellationToken)
    {
        try
        {
            var current = await client.TryGetAsync<Lease>(lease, cancellationToken).ConfigureAwait(false);
            if (current?.Spec?.HolderIdentity != identity)
                return Renewal.TakenByAnother;
            _seen = current;
            return Renewal.Failed;
        }
        catch (Exception e) when (e is ApiException or ApiUnreachableException or OperationCanceledException)
        {
            return Renewal.Failed;
        }
    }

    private async Task ReleaseAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2), time);
        try
        {
            var spec = _seen!.Spec! with { HolderIdentity = "", LeaseDurationSeconds = 1 };
            await client.UpdateAsync(_seen with { Spec = spec }, limit.Token).ConfigureAwait(false);
            Log.Released(logger, identity, lease);
        }
        catch (Exception e) when (e is ApiException or ApiUnreachableException or OperationCanceledException)
        {
            // It runs out by itself.
            ReportAway(e);
        }
    }

    // Told when it begins, not at every attempt.
    private void ReportAway(Exception e)
    {
        Log.NotAsked(logger, _isAway ? LogLevel.Debug : LogLevel.Warning, lease, e.Message);
        _isAway = true;
    }

    private void Observe(Lease current)
    {
        if (_seen?.Metadata.ResourceVersion != current.Metadata.ResourceVersion)
            _seenAt = time.GetTimestamp();
        _seen = current;
    }

    private bool IsFree(Lease current) =>
        string.IsNullOrEmpty(current.Spec?.HolderIdentity)
        || current.Spec.HolderIdentity == identity
        || time.GetElapsedTime(_seenAt) >= TimeSpan.FromSeconds(current.Spec.LeaseDurationSeconds ?? (int)options.Duration.TotalSeconds);

    private Lease Mine(Lease? previous)
    {
        var now = new MicroTime(time.GetUtcNow());
        return new Lease
        {
            Metadata = previous?.Metadata ?? new ObjectMeta { Name = lease.Name, Namespace = lease.Namespace },
            Spec = new LeaseSpec
            {
                HolderIdentity = identity,
                LeaseDurationSeconds = (int)options.Duration.TotalSeconds,
                AcquireTime = now,
                RenewTime = now,
                LeaseTransitions = previous is null ? 0 : (previous.Spec?.LeaseTransitions ?? 0) + 1,
            },
        };
    }

    private Lease Renewed(Lease held) => held with { Spec = held.Spec! with { RenewTime = new MicroTime(time.GetUtcNow()) } };

    private enum Renewal
    {
        Done,
        Failed,
        TakenByAnother,
    }

    private static partial class Log
    {
        [LoggerMessage(400, LogLevel.Information, "{Identity} leads {Lease}")]
        public static partial void Leads(ILogger logger, string identity, ObjectKey lease);

        [LoggerMessage(401, LogLevel.Warning, "{Identity} lost {Lease}")]
        public static partial void Lost(ILogger logger, string identity, ObjectKey lease);

        [LoggerMessage(402, LogLevel.Information, "{Identity} released {Lease}")]
        public static partial void Released(ILogger logger, string identity, ObjectKey lease);

        [LoggerMessage(EventId = 403, Message = "Lease {Lease}: {Reason}")]
        public static partial void NotAsked(ILogger logger, LogLevel level, ObjectKey lease, string reason);
    }
}
