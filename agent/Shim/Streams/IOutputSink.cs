using ControlPlane.Agent.Shim.Contract;

namespace ControlPlane.Agent.Shim;

/// <summary>Where a process's output goes.</summary>
internal interface IOutputSink
{
    /// <summary>Takes a piece of output, valid during the call. <paramref name="frame"/> has room for a frame header before the data.</summary>
    void OnOutput(FrameKind stream, Span<byte> frame);

    /// <summary>A stream has ended.</summary>
    void OnOutputEnded();
}
