namespace ControlPlane.Agent.Shim.Contract;

/// <summary>Opens every connection.</summary>
public readonly record struct HelloRequest(ushort OldestVersion, ushort NewestVersion)
{
    public static void Write(FrameWriter writer) =>
        writer.Begin(FrameKind.Hello).UInt32(ShimProtocol.Magic).UInt16(ShimProtocol.OldestVersion).UInt16(ShimProtocol.Version).End();

    public static HelloRequest Read(FrameReader reader) => reader.UInt32() == ShimProtocol.Magic
        ? new HelloRequest(reader.UInt16(), reader.UInt16())
        : throw new ShimProtocolException("The connection does not begin with this protocol's Hello.");
}
