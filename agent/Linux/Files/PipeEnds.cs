namespace ControlPlane.Agent.Linux;

/// <summary>The two descriptors of a pipe.</summary>
public readonly record struct PipeEnds(int Read, int Write);
