namespace ControlPlane.Agent.Shim.Contract;

/// <summary>The last frame of an exec or attach session: how the process ended. All its output came before.</summary>
public readonly record struct SessionExit(int ExitCode, int Signal)
{
    public void Write(FrameWriter writer) => writer.Begin(FrameKind.Exited).Int32(ExitCode).Int32(Signal).End();

    public static SessionExit Read(FrameReader reader) => new(reader.Int32(), reader.Int32());
}
