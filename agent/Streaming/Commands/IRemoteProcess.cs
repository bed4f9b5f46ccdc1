namespace ControlPlane.Agent.Streaming.Commands;

/// <summary>A process that a client is connected to. Disposing it lets go of it, and ends what exec started.</summary>
public interface IRemoteProcess : IAsyncDisposable
{
    /// <summary>Its input; disposing closes it. <see cref="System.IO.Stream.Null"/> when the client sends none.</summary>
    Stream Stdin { get; }

    /// <summary>Its output, up to the end.</summary>
    Stream Stdout { get; }

    /// <summary>Its error output, up to the end; <see cref="System.IO.Stream.Null"/> with a terminal.</summary>
    Stream Stderr { get; }

    /// <summary>Tells the terminal its size.</summary>
    ValueTask ResizeAsync(TerminalSize size, CancellationToken cancellationToken);

    /// <summary>Exit code; 128 + signal when it was killed.</summary>
    Task<int> WaitForExitAsync(CancellationToken cancellationToken);
}

/// <summary>Size of a terminal in characters, as clients send it: <c>{"Width":80,"Height":24}</c>.</summary>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
public readonly record struct TerminalSize(ushort Width, ushort Height);
