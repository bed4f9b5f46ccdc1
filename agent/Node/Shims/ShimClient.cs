using System.Runtime.CompilerServices;
using ControlPlane.Agent.Shim.Contract;

namespace ControlPlane.Agent.Shims;

/// <summary>
/// A pod's shim, addressed by the pod's directory. Holds no connection: every call makes its own, so there is no state that a restart of
/// the agent could lose, and calls never wait for each other. Cancelling a call abandons its answer, not its effect, except for
/// exec sessions, whose process ends with them.
/// </summary>
internal sealed class ShimClient(string podDirectory)
{
    internal string PodDirectory => podDirectory;

    /// <summary>Who answers.</summary>
    internal async Task<HelloReply> HelloAsync(CancellationToken cancellationToken)
    {
        using var connection = await ShimConnection.OpenAsync(podDirectory, null, cancellationToken);
        return connection.Peer;
    }

    /// <summary>Creates and starts a container from its bundle. The runtime's own error comes as a <see cref="ShimException"/>.</summary>
    internal async Task<Started> StartAsync(StartRequest request, CancellationToken cancellationToken)
    {
        using var connection = await ShimConnection.OpenAsync(podDirectory, request.Write, cancellationToken);
        var answer = await connection.ReadAnswerAsync(FrameKind.Started, cancellationToken);
        return Started.Read(new FrameReader(answer.Payload.Span));
    }

    /// <summary>Signals a container; one that has ended already is no error.</summary>
    internal Task KillAsync(KillRequest request, CancellationToken cancellationToken) => DoAsync(request.Write, cancellationToken);

    /// <summary>Kills a container if it runs and removes it. Its exit is announced first. One that does not exist is no error.</summary>
    internal Task DeleteAsync(string id, CancellationToken cancellationToken) => DoAsync(new DeleteRequest(id).Write, cancellationToken);

    /// <summary>Sets the size of a container's terminal.</summary>
    internal Task ResizeAsync(ResizeRequest request, CancellationToken cancellationToken) => DoAsync(request.Write, cancellationToken);

    /// <summary>The containers the shim holds.</summary>
    internal async Task<IReadOnlyList<ContainerState>> ListAsync(CancellationToken cancellationToken)
    {
        using var connection = await ShimConnection.OpenAsync(podDirectory, static writer => writer.Begin(FrameKind.List).End(), cancellationToken);
        var answer = await connection.ReadAnswerAsync(FrameKind.Containers, cancellationToken);
        return ContainerState.ReadAll(new FrameReader(answer.Payload.Span));
    }

    /// <summary>
    /// Every exit of a container not yet deleted: first those that have happened, then each as it happens. Never ends by itself: when the
    /// shim goes, it throws <see cref="ShimUnavailableException"/>. After reconnecting an exit may be heard of again.
    /// </summary>
    internal async IAsyncEnumerable<ContainerExit> ExitsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var connection = await ShimConnection.OpenAsync(podDirectory, static writer => writer.Begin(FrameKind.Subscribe).End(), cancellationToken);
        while (true)
        {
            var frame = await connection.ReadAnswerAsync(FrameKind.ContainerExited, cancellationToken);
            yield return ContainerExit.Read(new FrameReader(frame.Payload.Span));
        }
    }

    /// <summary>Starts another process in a running container.</summary>
    internal Task<ShimSession> ExecAsync(ExecRequest request, CancellationToken cancellationToken) => OpenSessionAsync(request.Write, cancellationToken);

    /// <summary>Joins a running container's streams.</summary>
    internal Task<ShimSession> AttachAsync(AttachRequest request, CancellationToken cancellationToken) => OpenSessionAsync(request.Write, cancellationToken);

    /// <summary>Ends the shim. Every container must have been deleted. Returns when it has gone.</summary>
    internal async Task ShutdownAsync(CancellationToken cancellationToken)
    {
        using var connection = await ShimConnection.OpenAsync(podDirectory, static writer => writer.Begin(FrameKind.Shutdown).End(), cancellationToken);
        await connection.ReadAnswerAsync(FrameKind.Done, cancellationToken);
        await ShimProcess.ReapAsync(connection.Peer.Pid, cancellationToken);
    }

    private async Task<ShimSession> OpenSessionAsync(Action<FrameWriter> request, CancellationToken cancellationToken)
    {
        var connection = await ShimConnection.OpenAsync(podDirectory, request, cancellationToken);
        try
        {
            var answer = await connection.ReadAnswerAsync(FrameKind.Started, cancellationToken);
            return new ShimSession(connection, Started.Read(new FrameReader(answer.Payload.Span)));
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private async Task DoAsync(Action<FrameWriter> request, CancellationToken cancellationToken)
    {
        using var connection = await ShimConnection.OpenAsync(podDirectory, request, cancellationToken);
        await connection.ReadAnswerAsync(FrameKind.Done, cancellationToken);
    }
}
