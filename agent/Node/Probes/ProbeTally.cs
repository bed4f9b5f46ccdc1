using ControlPlane.Api.Core.V1;

namespace ControlPlane.Agent.Probes;

/// <summary>Turns results of single checks into a verdict, by the probe's thresholds.</summary>
internal sealed class ProbeTally(Probe probe, bool? verdict)
{
    private int _inARow;
    private bool _last;

    /// <summary>True = succeeded, false = failed, null = neither yet.</summary>
    public bool? Verdict { get; private set; } = verdict;

    /// <summary>Counts a result; true when it changed the verdict, or confirmed a failure anew.</summary>
    public bool Add(bool success)
    {
        _inARow = success == _last ? _inARow + 1 : 1;
        _last = success;
        var needed = success ? probe.SuccessThreshold ?? 1 : probe.FailureThreshold ?? 3;
        if (_inARow < needed || Verdict == success)
            return false;
        Verdict = success;
        return true;
    }
}
