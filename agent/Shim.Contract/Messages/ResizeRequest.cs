namespace ControlPlane.Agent.Shim.Contract;

/// <summary>A terminal's new size. <see cref="Id"/> is empty on the connection of an exec or attach session, which it concerns.</summary>
public sealed record ResizeRequest(string Id, ushort Columns, ushort Rows)
{
    public void Write(FrameWriter writer) =>
        writer.Begin(Id.Length == 0 ? FrameKind.Resize : FrameKind.ResizeContainer).UInt16(Columns).UInt16(Rows).Text(Id).End();

    public static ResizeRequest Read(FrameReader reader)
    {
        var columns = reader.UInt16();
        var rows = reader.UInt16();
        return new ResizeRequest(reader.Text(), columns, rows);
    }
}
