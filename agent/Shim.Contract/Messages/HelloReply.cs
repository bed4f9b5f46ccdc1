namespace ControlPlane.Agent.Shim.Contract;

/// <summary>Who answers: the version both will speak, the shim's process and its build.</summary>
public sealed record HelloReply(ushort Version, int Pid, string Build)
{
    public void Write(FrameWriter writer) => writer.Begin(FrameKind.HelloReply).UInt16(Version).Int32(Pid).Text(Build).End();

    public static HelloReply Read(FrameReader reader) => new(reader.UInt16(), reader.Int32(), reader.Text());
}
