namespace ControlPlane.Agent.Shim.Contract;

/// <summary>Why a request failed.</summary>
public sealed record ShimFailure(ShimErrorCode Code, string Message)
{
    public void Write(FrameWriter writer) => writer.Begin(FrameKind.Failed).Byte((byte)Code).Text(Message).End();

    public static ShimFailure Read(FrameReader reader) => new((ShimErrorCode)reader.Byte(), reader.Text());
}
