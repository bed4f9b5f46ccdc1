namespace ControlPlane.Agent.Probes;

/// <summary>What one check found.</summary>
/// <param name="Success">Whether it passed.</param>
/// <param name="Message">For people, when it did not.</param>
internal readonly record struct ProbeResult(bool Success, string Message)
{
    public static ProbeResult Passed { get; } = new(true, "");

    public static ProbeResult Failed(string message) => new(false, message);
}
