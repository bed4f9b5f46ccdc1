namespace ControlPlane.Agent.Shim.Contract;

/// <summary>A container or an exec session runs.</summary>
/// <param name="Pid">Its first process, as the host numbers it.</param>
/// <param name="At">When it was seen running, in nanoseconds since 1970 UTC.</param>
public readonly record struct Started(int Pid, long At)
{
    public void Write(FrameWriter writer) => writer.Begin(FrameKind.Started).Int32(Pid).Int64(At).End();

    public static Started Read(FrameReader reader) => new(reader.Int32(), reader.Int64());
}
