using ControlPlane.Agent.Shim.Contract;

namespace ControlPlane.Agent.Shim;

/// <summary>A client that is told of every exit: first those that have happened, then each as it happens.</summary>
internal sealed class Subscription : ISession
{
    private readonly Connection _connection;
    private readonly List<Subscription> _all;

    internal Subscription(Connection connection, List<Subscription> all)
    {
        _connection = connection;
        _all = all;
        all.Add(this);
    }

    public bool OnFrame(FrameKind kind, ReadOnlySpan<byte> payload) => throw new ShimProtocolException("A subscriber has nothing to send.");

    public void OnDrained()
    {
    }

    public void OnDisconnected() => _all.Remove(this);

    internal void Send(ContainerExit exit)
    {
        var writer = _connection.Writer();
        exit.Write(writer);
        _connection.Send(writer);
    }
}
