namespace ControlPlane.Agent.Shim.Contract;

/// <summary>One container a shim holds.</summary>
public sealed record ContainerState
{
    /// <summary>The container.</summary>
    public required string Id { get; init; }

    /// <summary>Where it is in its life.</summary>
    public required ContainerPhase Phase { get; init; }

    /// <summary>Its first process, or 0 before there is one.</summary>
    public int Pid { get; init; }

    /// <summary>When it was seen running, in nanoseconds since 1970 UTC; 0 before.</summary>
    public long StartedAt { get; init; }

    /// <summary>Log bytes that could not be written, because the disk was full or failing.</summary>
    public long LogBytesLost { get; init; }

    public static void WriteAll(FrameWriter writer, IReadOnlyList<ContainerState> states)
    {
        writer.Begin(FrameKind.Containers).Int32(states.Count);
        for (var i = 0; i < states.Count; i++)
        {
            var state = states[i];
            writer.Text(state.Id).Byte((byte)state.Phase).Int32(state.Pid).Int64(state.StartedAt).Int64(state.LogBytesLost);
        }

        writer.End();
    }

    public static ContainerState[] ReadAll(FrameReader reader)
    {
        var states = new ContainerState[Math.Clamp(reader.Int32(), 0, ShimProtocol.MaxFrame / sizeof(int))];
        for (var i = 0; i < states.Length; i++)
        {
            states[i] = new ContainerState
            {
                Id = reader.Text(),
                Phase = (ContainerPhase)reader.Byte(),
                Pid = reader.Int32(),
                StartedAt = reader.Int64(),
                LogBytesLost = reader.Int64(),
            };
        }

        return states;
    }
}
