namespace ControlPlane.Agent.Shim.Contract;

/// <summary>Joins the streams of a container from now on.</summary>
/// <param name="Id">The container.</param>
/// <param name="Stdin">Whether the client will send input.</param>
public sealed record AttachRequest(string Id, bool Stdin)
{
    public void Write(FrameWriter writer) => writer.Begin(FrameKind.Attach).Text(Id).Bool(Stdin).End();

    public static AttachRequest Read(FrameReader reader) => new(reader.Text(), reader.Bool());
}
