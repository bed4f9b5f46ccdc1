namespace ControlPlane.Agent.Shim;

/// <summary>Input from a client to a process, at the pace of the process.</summary>
internal static class SessionInput
{
    /// <summary>Writes a piece. False when the client must wait; it is resumed when the process has caught up.</summary>
    internal static bool Write(Connection connection, InputPump? input, ReadOnlySpan<byte> data)
    {
        if (input is null) return true;
        input.Write(data);
        if (!input.HasPending) return true;
        input.Drained += connection.Resume;
        return false;
    }
}
