using System.IO.Pipelines;
using System.Text;
using ControlPlane.Agent.Logs;

namespace ControlPlane.Agent.Tests.Node;

public sealed class LogReaderTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string _root = Directory.CreateTempSubdirectory("cp-logs-").FullName;
    private readonly LogReader _reader = new(TimeProvider.System);
    private int _written;

    private string Log => Path.Combine(_root, "c-0.log");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Copy_OfEverything_GoesThroughRotatedFilesInOrder()
    {
        WriteRotated(3, linesEach: 4);
        Assert.Equal(Lines(0, 12), await ReadAsync(new LogQuery()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(12)]
    [InlineData(100)]
    public async Task Copy_OfTail_CountsAcrossFiles(int tail)
    {
        WriteRotated(3, linesEach: 4);
        var first = Math.Max(0, 12 - tail);
        Assert.Equal(Lines(first, 12 - first), await ReadAsync(new LogQuery { TailLines = tail }));
    }

    [Fact]
    public async Task Copy_WithTimestamps_BeginsEachLineWithItsTime()
    {
        Append(1);
        Assert.Equal("2030-01-01T00:00:00.000000000Z line 0\n", await ReadAsync(new LogQuery { Timestamps = true }));
    }

    [Fact]
    public async Task Copy_Since_LeavesOutWhatIsOlder()
    {
        Append(5);
        Assert.Equal(Lines(3, 2), await ReadAsync(new LogQuery { Since = new DateTimeOffset(2030, 1, 1, 0, 0, 3, TimeSpan.Zero) }));
    }

    [Fact]
    public async Task Copy_WithLimit_StopsAtTheByte()
    {
        Append(5);
        Assert.Equal(Lines(0, 5)[..10], await ReadAsync(new LogQuery { LimitBytes = 10 }));
    }

    [Fact]
    public async Task Copy_OfPartialEntries_JoinsThemToOneLine()
    {
        File.AppendAllText(Log, "2030-01-01T00:00:00.000000000Z stdout P long \n2030-01-01T00:00:00.000000000Z stdout F line\ndamaged\n2030-01-01T00:00:01.000000000Z stderr F \n");
        Assert.Equal("long line\n\n", await ReadAsync(new LogQuery()));
    }

    [Fact]
    public async Task Copy_OfMissingLog_IsEmpty() => Assert.Equal("", await ReadAsync(new LogQuery()));

    [Fact]
    public async Task Follow_AcrossRotations_LosesAndDoublesNothing()
    {
        // Three rotations happen between two looks at how far the reader is; five files are kept, so that nothing is truly gone.
        const int Total = 400, Burst = 20, LinesPerFile = 7, Files = 5;
        var ended = false;
        var pipe = new Pipe();
        Append(1);
        using var deadline = new CancellationTokenSource(Patience);
        var copying = CopyAsync();
        using var reader = new StreamReader(pipe.Reader.AsStream());
        var read = 0;
        for (var i = 1; i < Total; i++)
        {
            if (i % LinesPerFile == 0)
                Rotate(Files);
            Append(1);
            while (i % Burst == 0 && read < i)
                Assert.Equal($"line {read++}", await reader.ReadLineAsync(deadline.Token));
        }

        Volatile.Write(ref ended, true);
        await copying;
        while (await reader.ReadLineAsync(deadline.Token) is { } line)
            Assert.Equal($"line {read++}", line);
        Assert.Equal(Total, read);

        async Task CopyAsync()
        {
            await _reader.CopyAsync(Log, new LogQuery { Follow = true }, () => Volatile.Read(ref ended), pipe.Writer, deadline.Token);
            await pipe.Writer.CompleteAsync();
        }
    }

    private async Task<string> ReadAsync(LogQuery query)
    {
        var output = new MemoryStream();
        var writer = PipeWriter.Create(output);
        await _reader.CopyAsync(Log, query, () => true, writer, CancellationToken.None);
        await writer.CompleteAsync();
        return Encoding.UTF8.GetString(output.ToArray());
    }

    private void WriteRotated(int files, int linesEach)
    {
        for (var i = 0; i < files; i++)
        {
            if (i > 0)
                Rotate(files);
            Append(linesEach);
        }
    }

    // As the shim does: PATH to PATH.1 and so on, then a new PATH.
    private void Rotate(int files)
    {
        for (var i = files - 1; i >= 1; i--)
        {
            var from = i == 1 ? Log : $"{Log}.{i - 1}";
            if (File.Exists(from))
                File.Move(from, $"{Log}.{i}", overwrite: true);
        }
    }

    private void Append(int lines)
    {
        for (var i = 0; i < lines; i++, _written++)
            File.AppendAllText(Log, $"2030-01-01T00:{_written / 60 % 60:00}:{_written % 60:00}.000000000Z stdout F line {_written}\n");
    }

    private static string Lines(int first, int count) => string.Concat(Enumerable.Range(first, count).Select(i => $"line {i}\n"));
}
