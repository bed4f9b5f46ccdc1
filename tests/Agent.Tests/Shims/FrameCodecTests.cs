using ControlPlane.Agent.Shim.Contract;

namespace ControlPlane.Agent.Tests.Shims;

public sealed class FrameCodecTests
{
    [Fact]
    public void StartRequest_WrittenAndRead_IsTheSame()
    {
        var request = new StartRequest
        {
            Id = "app-1",
            Bundle = "/run/pöd/app",
            LogPath = "/var/log/app.log",
            LogMaxBytes = long.MaxValue,
            LogMaxFiles = 3,
            CgroupPath = "/a/b",
            Terminal = true,
            Stdin = true,
            StdinOnce = true,
        };
        Assert.Equal(request, StartRequest.Read(Payload(request.Write, FrameKind.Start)));
    }

    [Fact]
    public void ExecRequest_WrittenAndRead_IsTheSame()
    {
        var request = new ExecRequest
        {
            Id = "app",
            Args = ["sh", "-c", "echo 'ü'"],
            Env = ["A=1", "B="],
            WorkingDirectory = "/tmp",
            User = "1000:1000",
            Stdin = true,
            Columns = 80,
            Rows = ushort.MaxValue,
        };
        var read = ExecRequest.Read(Payload(request.Write, FrameKind.Exec));
        Assert.Equal(request.Args, read.Args);
        Assert.Equal(request.Env, read.Env);
        Assert.Equal(request with { Args = read.Args, Env = read.Env }, read);
    }

    [Fact]
    public void ContainerStates_WrittenAndRead_AreTheSame()
    {
        ContainerState[] states =
        [
            new() { Id = "a", Phase = ContainerPhase.Running, Pid = 7, StartedAt = 5, LogBytesLost = 1 },
            new() { Id = "b", Phase = ContainerPhase.Starting },
        ];
        Assert.Equal(states, ContainerState.ReadAll(Payload(writer => ContainerState.WriteAll(writer, states), FrameKind.Containers)));
    }

    [Fact]
    public void ContainerExit_AsFrameAndAsFile_IsTheSame()
    {
        var exit = new ContainerExit { Id = "a", Pid = 7, ExitCode = 137, Signal = 9, OomKills = 2, StartedAt = 1, FinishedAt = 2 };
        Assert.Equal(exit, ContainerExit.Read(Payload(exit.Write, FrameKind.ContainerExited)));
        Assert.Equal(exit, ContainerExit.FromFile(exit.ToFile()));
        Assert.Equal(exit, ContainerExit.FromFile("new=thing\n" + exit.ToFile()));
        Assert.Throws<FormatException>(() => ContainerExit.FromFile("id=a\npid=7\n"));
    }

    [Theory]
    [InlineData(0, 3, false)]
    [InlineData(1, 3, true)]
    [InlineData(1, 0, false)]
    public void OomKilled_NeedsAKillAndAFailure(long kills, int code, bool expected)
    {
        var exit = new ContainerExit { Id = "a", Pid = 1, ExitCode = code, Signal = 0, OomKills = kills, StartedAt = 0, FinishedAt = 0 };
        Assert.Equal(expected, exit.OomKilled);
    }

    [Fact]
    public void Reader_OfOlderAndNewerMessages_FillsWithZeroAndIgnoresTheRest()
    {
        var older = new FrameWriter().Begin(FrameKind.Kill).Text("app").End();
        var kill = KillRequest.Read(PayloadOf(older, FrameKind.Kill));
        Assert.Equal(new KillRequest("app", 0, false), kill);
        var newer = new FrameWriter().Begin(FrameKind.Kill).Text("app").Int32(9).Bool(true).Text("a field of tomorrow").End();
        Assert.Equal(new KillRequest("app", 9, true), KillRequest.Read(PayloadOf(newer, FrameKind.Kill)));
    }

    [Fact]
    public void Frames_WrittenTogether_ComeApartAgain()
    {
        var writer = new FrameWriter(4);
        HelloRequest.Write(writer);
        new DeleteRequest("x").Write(writer);
        var bytes = writer.Written.Span;
        for (var i = 0; i < 5; i++) Assert.Equal(0, FrameReader.TryFrame(bytes[..i], out _, out _));
        var first = FrameReader.TryFrame(bytes, out var hello, out var payload);
        Assert.Equal(FrameKind.Hello, hello);
        Assert.Equal(ShimProtocol.Version, HelloRequest.Read(new FrameReader(payload)).NewestVersion);
        Assert.Equal(bytes.Length, first + FrameReader.TryFrame(bytes[first..], out var delete, out _));
        Assert.Equal(FrameKind.Delete, delete);
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0, 0, 1 })]
    [InlineData(new byte[] { 0xff, 0xff, 0xff, 0xff, 1 })]
    [InlineData(new byte[] { 0, 0, 0x10, 0, 1 })]
    public void TryFrame_ImpossibleLength_IsAnError(byte[] bytes) =>
        Assert.Throws<ShimProtocolException>(() => FrameReader.TryFrame(bytes, out _, out _));

    [Fact]
    public void Reader_CutOrLyingFields_AreErrors()
    {
        Assert.Throws<ShimProtocolException>(() => new FrameReader([1, 2, 3]).Int32());
        Assert.Throws<ShimProtocolException>(() => new FrameReader([10, 0, 0, 0, (byte)'a']).Text());
        Assert.Throws<ShimProtocolException>(() => new FrameReader([0xff, 0xff, 0xff, 0xff]).Text());
        Assert.Throws<ShimProtocolException>(() => new FrameReader([0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0]).Texts());
        Assert.Throws<ShimProtocolException>(() => HelloRequest.Read(new FrameReader([1, 2, 3, 4, 1, 0, 1, 0])));
    }

    [Fact]
    public void Reader_OfRandomBytes_NeverFailsOtherwise()
    {
        var random = new Random(3);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = new byte[random.Next(64)];
            random.NextBytes(bytes);

            // Small lengths make it past the first field often enough to matter.
            if (bytes.Length > 4) bytes.AsSpan(1, 3).Clear();
            try
            {
                ExecRequest.Read(new FrameReader(bytes));
                StartRequest.Read(new FrameReader(bytes));
                ContainerState.ReadAll(new FrameReader(bytes));
            }
            catch (ShimProtocolException)
            {
                // The one way a bad frame may fail.
            }
        }
    }

    private static FrameReader Payload(Action<FrameWriter> write, FrameKind kind)
    {
        var writer = new FrameWriter(8);
        write(writer);
        return PayloadOf(writer, kind);
    }

    private static FrameReader PayloadOf(FrameWriter writer, FrameKind expected)
    {
        var size = FrameReader.TryFrame(writer.Written.Span, out var kind, out var payload);
        Assert.Equal(writer.Written.Length, size);
        Assert.Equal(expected, kind);
        return new FrameReader(payload);
    }
}
