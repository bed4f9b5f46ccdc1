namespace ControlPlane.Agent.Shim.Contract;

/// <summary>Sends a signal to a container's first process, or to every process in its cgroup.</summary>
public sealed record KillRequest(string Id, int Signal, bool All)
{
    public void Write(FrameWriter writer) => writer.Begin(FrameKind.Kill).Text(Id).Int32(Signal).Bool(All).End();

    public static KillRequest Read(FrameReader reader) => new(reader.Text(), reader.Int32(), reader.Bool());
}
