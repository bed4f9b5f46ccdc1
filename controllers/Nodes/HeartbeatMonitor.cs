using ControlPlane.Api.Coordination.V1;
using ControlPlane.Api.Core.V1;

namespace ControlPlane.Controllers.Nodes;

/// <summary>
/// How long each node has been silent, by this process' own clock: machines' clocks are never compared.
/// Time during which we ourselves saw nothing (server away, process stopped) is not held against anybody.
/// </summary>
internal sealed class HeartbeatMonitor
{
    /// <summary>Namespace of the agents' leases; each is named like its node.</summary>
    public const string LeaseNamespace = "kube-node-lease";

    /// <summary>After so long without any sign that our view is current, it has to be confirmed.</summary>
    private static readonly TimeSpan Trust = TimeSpan.FromSeconds(7);

    /// <summary>After so long without confirmation we were blind, and all nodes get a fresh start.</summary>
    private static readonly TimeSpan Blindness = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, Heartbeat> _heartbeats = new(StringComparer.Ordinal);
    private TimeSpan _confirmedAt;
    private string? _leaseVersion;

    /// <param name="now">Time on a clock that only moves forward, as are all times here.</param>
    public HeartbeatMonitor(TimeSpan now) => _confirmedAt = now;

    /// <summary>Whether nodes may be judged only after <see cref="Confirm"/>.</summary>
    public bool NeedsConfirmation(string? leaseVersion, TimeSpan now)
    {
        // Every renewal of any lease, of our own leadership too, moves the version: proof that we see what happens.
        if (leaseVersion is not null && leaseVersion != _leaseVersion)
        {
            _leaseVersion = leaseVersion;
            Confirm(now);
        }
        return now - _confirmedAt > Trust;
    }

    /// <summary>The server was asked, and has shown nothing that is newer than what we know.</summary>
    public void Confirm(TimeSpan now)
    {
        if (now - _confirmedAt > Blindness)
        {
            foreach (var (name, beat) in _heartbeats)
                _heartbeats[name] = beat with { At = now };
        }
        _confirmedAt = now;
    }

    /// <summary>Takes note of a node's latest signs of life.</summary>
    public NodeObservation Observe(Node node, Lease? lease, TimeSpan now)
    {
        var name = node.Metadata.Name ?? "";
        var ready = node.Status?.Conditions.FirstOrDefault(static c => c.Type == "Ready");
        // What we wrote ourselves (Unknown) is no sign of life.
        var reported = ready is null or { Status: "Unknown" } ? null : ready.LastHeartbeatTime;
        var stamp = new Stamp(node.Metadata.Uid, lease?.Spec?.RenewTime?.ToString(), reported ?? _heartbeats.GetValueOrDefault(name)?.Stamp.Reported);
        var isReady = ready?.Status == "True";
        var isUnknown = ready?.Status == "Unknown";

        var beat = _heartbeats.GetValueOrDefault(name);
        if (beat is null || beat.Stamp.Uid != stamp.Uid)
            beat = new Heartbeat(stamp, now, now, isUnknown);
        // Its agent contradicts what we had declared: it lives.
        else if (beat.Stamp != stamp || (beat.IsUnknown && !isUnknown))
            beat = beat with { Stamp = stamp, At = now };
        beat = beat with { IsUnknown = isUnknown };
        if (isReady)
            beat = beat with { NotReadySince = now };
        _heartbeats[name] = beat;
        return new NodeObservation(node, now - beat.At, now - beat.NotReadySince);
    }

    /// <summary>Forgets nodes that are gone.</summary>
    public void Keep(IReadOnlySet<string> names)
    {
        foreach (var name in _heartbeats.Keys)
        {
            if (!names.Contains(name))
                _heartbeats.Remove(name);
        }
    }

    private sealed record Heartbeat(Stamp Stamp, TimeSpan At, TimeSpan NotReadySince, bool IsUnknown);

    private readonly record struct Stamp(string? Uid, string? Renewed, DateTimeOffset? Reported);
}

/// <summary>A node, how long its agent has been silent, and how long it has not been ready.</summary>
internal sealed record NodeObservation(Node Node, TimeSpan Silence, TimeSpan NotReadyFor);
