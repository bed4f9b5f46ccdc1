using System.Text;
using ControlPlane.Agent.Shim;
using ControlPlane.Agent.Shim.Contract;

namespace ControlPlane.Agent.Tests.Shims;

public sealed class ContainerLogTests : IDisposable
{
    private const string Stamp = "2026-01-02T03:04:05.000000006Z";
    private static readonly long Now = (new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).ToUnixTimeSeconds() * 1_000_000_000) + 6;

    private readonly string _folder = Directory.CreateTempSubdirectory("cp-log-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Append_PiecesOfLines_JoinsThemPerStream()
    {
        var log = new ContainerLog(LogPath, 0, 1);
        Append(log, FrameKind.Stdout, "hel");
        Append(log, FrameKind.Stderr, "oops\nmore");
        Append(log, FrameKind.Stdout, "lo\n\nwor");
        log.Close(Now);
        Assert.Equal($"{Stamp} stderr F oops\n{Stamp} stdout F hello\n{Stamp} stdout F \n{Stamp} stdout P wor\n{Stamp} stderr P more\n", File.ReadAllText(LogPath));
    }

    [Theory]
    [InlineData(ContainerLog.LineLimit - 1, "F")]
    [InlineData(ContainerLog.LineLimit, "F")]
    [InlineData(ContainerLog.LineLimit + 1, "PF")]
    [InlineData(2 * ContainerLog.LineLimit, "PF")]
    [InlineData((2 * ContainerLog.LineLimit) + 1, "PPF")]
    public void Append_LineAroundTheLimit_IsSplitExactly(int length, string tags)
    {
        foreach (var chunk in (int[])[1000, 4096, 32 * 1024])
        {
            File.Delete(LogPath);
            var log = new ContainerLog(LogPath, 0, 1);
            var line = Encoding.ASCII.GetBytes(new string('x', length) + "\n");
            for (var at = 0; at < line.Length; at += chunk) log.Append(FrameKind.Stdout, line.AsSpan(at, Math.Min(chunk, line.Length - at)), Now);
            log.Close(Now);
            var entries = File.ReadAllLines(LogPath).Select(static entry => entry.Split(' ', 4)).ToArray();
            Assert.Equal(tags, string.Concat(entries.Select(static entry => entry[2])));
            Assert.Equal(length, entries.Sum(static entry => entry[3].Length));
        }
    }

    [Fact]
    public void Append_PastTheSize_RotatesAndForgetsTheOldest()
    {
        var log = new ContainerLog(LogPath, 200, 2);
        for (var i = 0; i < 20; i++) Append(log, FrameKind.Stdout, $"line {i:00}\n");
        log.Close(Now);
        Assert.Equal(2, Directory.GetFiles(_folder).Length);
        Assert.EndsWith("line 19\n", File.ReadAllText(LogPath), StringComparison.Ordinal);
        Assert.InRange(new FileInfo(LogPath + ".1").Length, 100, 200);
    }

    [Fact]
    public void Append_ToExistingLog_ContinuesIt()
    {
        File.WriteAllText(LogPath, "before\n");
        var log = new ContainerLog(LogPath, 0, 1);
        Append(log, FrameKind.Stdout, "after\n");
        log.Close(Now);
        Assert.Equal($"before\n{Stamp} stdout F after\n", File.ReadAllText(LogPath));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("{\"level\":\"warning\",\"msg\":\"hm\"}\n", null)]
    [InlineData("{\"level\":\"error\",\"msg\":\"exec: \\\"x\\\": not\\u0020found\\n\",\"time\":\"t\"}\n", "exec: \"x\": not found\n")]
    [InlineData("{\"level\":\"error\",\"msg\":\"first\"}\n{\"msg\":\"last\",\"level\":\"fatal\"}\n{\"level\":\"info\",\"msg\":\"bye\"}", "last")]
    [InlineData("not json at all", null)]
    [InlineData("{\"level\":\"error\",\"msg\":\"torn \\", "torn \\")]
    public void RuntimeErrorLog_LastMessage_IsTheLastError(string log, string? expected) => Assert.Equal(expected, RuntimeErrorLog.LastMessage(log));

    private string LogPath => Path.Combine(_folder, "log");

    private static void Append(ContainerLog log, FrameKind stream, string text) => log.Append(stream, Encoding.ASCII.GetBytes(text), Now);
}
