using ControlPlane.Agent.Linux;

namespace ControlPlane.Agent.Shim;

/// <summary>Accepts connections from root, or from the shim's own user, and from nobody else.</summary>
internal sealed class Listener : PollSource
{
    private readonly EventLoop _loop;
    private readonly Supervisor _supervisor;

    internal Listener(EventLoop loop, Supervisor supervisor, int descriptor)
    {
        _loop = loop;
        _supervisor = supervisor;
        Descriptor = descriptor;
        FileDescriptor.SetNonBlocking(descriptor);
    }

    internal override void OnReady(PollEvents ready)
    {
        while (true)
        {
            var connection = UnixSocket.Accept(Descriptor);
            if (connection < 0) return;
            var peer = UnixSocket.Peer(connection);
            if (peer.UserId == 0 || peer.UserId == ProcessControl.EffectiveUserId()) _loop.Add(new Connection(connection, _supervisor));
            else FileDescriptor.Close(connection);
        }
    }
}
