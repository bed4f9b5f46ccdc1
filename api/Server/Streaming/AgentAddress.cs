namespace ControlPlane.Api.Server.Streaming;

/// <summary>Where the agent of a node listens.</summary>
internal sealed record AgentAddress(string Host, int Port);
