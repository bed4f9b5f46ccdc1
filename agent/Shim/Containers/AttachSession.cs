using ControlPlane.Agent.Shim.Contract;

namespace ControlPlane.Agent.Shim;

/// <summary>A client that shares a container's streams.</summary>
internal sealed class AttachSession(Connection connection, Container container, AttachRequest request) : ISession
{
    public bool OnFrame(FrameKind kind, ReadOnlySpan<byte> payload)
    {
        switch (kind)
        {
            case FrameKind.Stdin when request.Stdin: return SessionInput.Write(connection, container.Input, payload);
            case FrameKind.StdinEnd:
                if (request.Stdin && container.Request.StdinOnce) container.Input?.End();
                return true;
            case FrameKind.Resize:
                var size = ResizeRequest.Read(new FrameReader(payload));
                container.Resize(size.Columns, size.Rows);
                return true;
            default: throw new ShimProtocolException("An attached client sent a frame of kind " + (int)kind + ".");
        }
    }

    public void OnDrained()
    {
    }

    public void OnDisconnected()
    {
        container.Detach(this);
        if (request.Stdin && container.Request.StdinOnce) container.Input?.End();
    }

    internal void SendOutput(FrameKind stream, Span<byte> frame) => connection.SendStream(stream, frame);

    internal void End(SessionExit exit)
    {
        var writer = connection.Writer();
        exit.Write(writer);
        connection.Send(writer);
        connection.Finish();
    }
}
