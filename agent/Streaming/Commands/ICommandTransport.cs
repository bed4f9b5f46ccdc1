namespace ControlPlane.Agent.Streaming.Commands;

/// <summary>How one client's streams travel: WebSocket channels or SPDY streams.</summary>
internal interface ICommandTransport : IAsyncDisposable
{
    /// <summary>Reads what the client sends until it goes away: input and sizes. Returns when the client is gone.</summary>
    Task ReceiveAsync(Stream stdin, Func<TerminalSize, ValueTask> resize, CancellationToken cancellationToken);

    /// <summary>Sends some of the program's output.</summary>
    ValueTask SendAsync(OutputChannel channel, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Says how it ended, and closes in an orderly way.</summary>
    ValueTask FinishAsync(CommandOutcome outcome, CancellationToken cancellationToken);
}

/// <summary>The program's two outputs; the values are WebSocket channel numbers.</summary>
internal enum OutputChannel : byte
{
    Stdout = 1,
    Stderr = 2,
}
