using ControlPlane.Agent.Shim.Contract;

namespace ControlPlane.Agent.Shim;

/// <summary>What a connection is about after its request: a running request, a subscription, or a process's streams.</summary>
internal interface ISession
{
    /// <summary>Takes a frame of a streaming client. False stops further ones until <see cref="Connection.Resume"/>.</summary>
    bool OnFrame(FrameKind kind, ReadOnlySpan<byte> payload);

    /// <summary>Everything sent has been taken by the client.</summary>
    void OnDrained();

    /// <summary>The client is gone.</summary>
    void OnDisconnected();
}
