namespace ControlPlane.Agent.Linux;

/// <summary>A child that has been reaped.</summary>
public readonly record struct ExitedChild(int Pid, WaitStatus Status);
