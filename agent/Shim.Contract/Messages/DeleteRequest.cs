namespace ControlPlane.Agent.Shim.Contract;

/// <summary>Kills a container if it still runs and removes everything of it but its bundle. Deleting an unknown one succeeds.</summary>
public sealed record DeleteRequest(string Id)
{
    public void Write(FrameWriter writer) => writer.Begin(FrameKind.Delete).Text(Id).End();

    public static DeleteRequest Read(FrameReader reader) => new(reader.Text());
}
