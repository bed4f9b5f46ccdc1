using System.Text.Json;
using ControlPlane.Agent.Streaming.Spdy;

namespace ControlPlane.Agent.Streaming.Commands;

/// <summary>
/// Streams as SPDY streams, which the client opens with a header <c>streamType</c>: error, stdin, stdout, stderr, resize.
/// </summary>
internal sealed class SpdyCommandTransport : ICommandTransport
{
    private static readonly TimeSpan OpeningTime = TimeSpan.FromSeconds(30);
    private readonly SpdyConnection _connection;
    private readonly string _protocol;
    private readonly Dictionary<string, SpdyStream> _streams;
    private readonly Task _reading;
    private readonly CancellationTokenSource _ended;

    private SpdyCommandTransport(SpdyConnection connection, string protocol, Dictionary<string, SpdyStream> streams, Task reading, CancellationTokenSource ended)
    {
        _connection = connection;
        _protocol = protocol;
        _streams = streams;
        _reading = reading;
        _ended = ended;
    }

    /// <summary>What is offered, best first. Version 5 exists only over WebSocket.</summary>
    public static readonly string[] Protocols = ["v4.channel.k8s.io", "v3.channel.k8s.io", "v2.channel.k8s.io", "channel.k8s.io"];

    /// <summary>Waits until the client has opened the streams that its request implies.</summary>
    public static async Task<SpdyCommandTransport> OpenAsync(Stream transport, string protocol, RemoteCommandRequest request, CancellationToken cancellationToken)
    {
        var connection = new SpdyConnection(transport);
        var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = connection.RunAsync(ended.Token);
        try
        {
            bool[] wanted = [true, request.Stdin, request.Stdout, request.Stderr, request.Tty && (protocol is "v4.channel.k8s.io" or "v3.channel.k8s.io")];
            var expected = wanted.Count(static each => each);
            var streams = new Dictionary<string, SpdyStream>();
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(OpeningTime);
            while (streams.Count < expected)
            {
                var stream = await connection.Opened.ReadAsync(patience.Token);
                var type = stream.Headers.GetValueOrDefault("streamType", "");
                if (type is not ("error" or "stdin" or "stdout" or "stderr" or "resize") || !streams.TryAdd(type, stream))
                    throw new SpdyProtocolException($"Unexpected stream of type \"{type}\".");
            }

            return new SpdyCommandTransport(connection, protocol, streams, reading, ended);
        }
        catch
        {
            await EndAsync(connection, reading, ended);
            throw;
        }
    }

    public async Task ReceiveAsync(Stream stdin, Func<TerminalSize, ValueTask> resize, CancellationToken cancellationToken)
    {
        var input = _streams.TryGetValue("stdin", out var source) ? CopyInputAsync(source, stdin, cancellationToken) : Task.CompletedTask;
        var sizes = _streams.TryGetValue("resize", out var resizes) ? CopySizesAsync(resizes, resize, cancellationToken) : Task.CompletedTask;
        await Task.WhenAll(input, sizes, _reading.WaitAsync(cancellationToken));
    }

    public ValueTask SendAsync(OutputChannel channel, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        _streams.TryGetValue(channel == OutputChannel.Stdout ? "stdout" : "stderr", out var stream)
            ? stream.WriteAsync(bytes, cancellationToken)
            : ValueTask.CompletedTask;

    public async ValueTask FinishAsync(CommandOutcome outcome, CancellationToken cancellationToken)
    {
        foreach (var type in (string[])["stdout", "stderr"])
        {
            if (_streams.TryGetValue(type, out var stream))
                await stream.FinishAsync(cancellationToken);
        }

        var status = _protocol == "v4.channel.k8s.io" ? outcome.ToStatus() : outcome.ToText();
        if (status.Length > 0)
            await _streams["error"].WriteAsync(status, cancellationToken);
        await _streams["error"].FinishAsync(cancellationToken);
        await _connection.SendGoAwayAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync() => await EndAsync(_connection, _reading, _ended);

    private static async Task EndAsync(SpdyConnection connection, Task reading, CancellationTokenSource ended)
    {
        await ended.CancelAsync();
        await connection.DisposeAsync();
        // How reading ended was the business of whoever received; here it only has to be over.
        await reading.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        ended.Dispose();
    }

    private static async Task CopyInputAsync(SpdyStream source, Stream stdin, CancellationToken cancellationToken)
    {
        await source.Incoming.CopyToAsync(stdin, cancellationToken);
        await stdin.DisposeAsync();
    }

    private static async Task CopySizesAsync(SpdyStream source, Func<TerminalSize, ValueTask> resize, CancellationToken cancellationToken)
    {
        await foreach (var size in JsonSerializer.DeserializeAsyncEnumerable<TerminalSize>(source.Incoming, topLevelValues: true, cancellationToken: cancellationToken))
            await resize(size);
    }
}
