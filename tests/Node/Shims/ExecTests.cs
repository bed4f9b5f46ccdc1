using System.Text;
using ControlPlane.Agent.Linux;
using ControlPlane.Agent.Shim.Contract;
using ControlPlane.Agent.Shims;

namespace ControlPlane.Node.Tests.Shims;

public sealed class ExecTests
{
    [Fact]
    public async Task Exec_WithInputAndHalfClose_GetsItBackWithItsExitCode()
    {
        await using var pod = await TestPod.CreateAsync();
        await pod.StartAsync("app", pod.Config("sleep", "1000"));
        var input = new byte[300_000];
        new Random(1).NextBytes(input);
        var result = await EchoAsync(pod, input);
        Assert.Equal(5, result.Exit.ExitCode);
        Assert.Equal(input, result.Stdout);
        Assert.Equal("done\n", result.ErrorText);
    }

    [Fact]
    public async Task Exec_WithEnvironmentDirectoryAndUser_RunsAsAsked()
    {
        await using var pod = await TestPod.CreateAsync();
        await pod.StartAsync("app", pod.Config("sleep", "1000"));
        var result = await pod.ExecAsync(new ExecRequest
        {
            Id = "app",
            Args = ["sh", "-c", "echo $GREETING; pwd; id -u; id -g; grep NoNewPrivs /proc/self/status"],
            Env = ["GREETING=hi there"],
            WorkingDirectory = "/tmp",
            User = "65534:65534",
        });
        Assert.Equal("", result.ErrorText);
        Assert.Equal("hi there\n/tmp\n65534\n65534\nNoNewPrivs:\t1\n", result.Text);
        Assert.Equal(0, result.Exit.ExitCode);
    }

    [Fact]
    public async Task Exec_MissingProgram_FailsWithTheRuntimesWords()
    {
        await using var pod = await TestPod.CreateAsync();
        await pod.StartAsync("app", pod.Config("sleep", "1000"));
        var error = await Assert.ThrowsAsync<ShimException>(() => pod.ExecAsync(new ExecRequest { Id = "app", Args = ["nonsense"] }));
        Assert.Equal(ShimErrorCode.RuntimeFailed, error.Code);
        Assert.Contains("nonsense", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Exec_InEndedContainer_IsNotFound()
    {
        await using var pod = await TestPod.CreateAsync();
        await pod.StartAsync("app", pod.Shell("exit 0"));
        await pod.ExitOfAsync("app");
        var error = await Assert.ThrowsAsync<ShimException>(() => pod.ExecAsync(new ExecRequest { Id = "app", Args = ["true"] }));
        Assert.Equal(ShimErrorCode.NotFound, error.Code);
    }

    [Fact]
    public async Task Exec_WithTerminal_HasItsSizeAndFollowsResizes()
    {
        await using var pod = await TestPod.CreateAsync();
        await pod.StartAsync("app", pod.Config("sleep", "1000"));
        var request = new ExecRequest { Id = "app", Args = ["sh", "-c", "read x; stty size; read x; stty size; exit 9"], Terminal = true, Stdin = true, Columns = 80, Rows = 24 };
        using var session = await pod.Shim.ExecAsync(request, pod.Deadline);
        await session.WriteAsync("\n"u8.ToArray(), pod.Deadline);
        var text = await ReadUntilAsync(session, "24 80", pod.Deadline);
        await session.ResizeAsync(132, 50, pod.Deadline);
        await session.WriteAsync("\n"u8.ToArray(), pod.Deadline);
        using var rest = new MemoryStream();
        var exit = await session.CopyToAsync(rest, rest, pod.Deadline);
        Assert.Contains("24 80\r\n", text, StringComparison.Ordinal);
        Assert.Contains("50 132\r\n", Encoding.UTF8.GetString(rest.ToArray()), StringComparison.Ordinal);
        Assert.Equal(9, exit.ExitCode);
    }

    [Fact]
    public async Task Exec_WhoseClientLeaves_IsKilledWithItsGroup()
    {
        await using var pod = await TestPod.CreateAsync();
        await pod.StartAsync("app", pod.Config("sleep", "1000"));
        int pid;
        using (var session = await pod.Shim.ExecAsync(new ExecRequest { Id = "app", Args = ["sh", "-c", "echo on; sleep 1000"] }, pod.Deadline))
        {
            pid = session.Started.Pid;
            await ReadUntilAsync(session, "on\n", pod.Deadline);
        }

        await pod.EventuallyAsync(() => ProcessIdentity.Of(pid) is null, "the session's process is gone");
    }

    [Fact]
    public async Task Exec_WithBackgroundChildHoldingOutput_EndsSoonAfterItsProcess()
    {
        await using var pod = await TestPod.CreateAsync();
        await pod.StartAsync("app", pod.Config("sleep", "1000"));
        var result = await pod.ExecAsync(new ExecRequest { Id = "app", Args = ["sh", "-c", "sleep 30 & echo said"] }).WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal("said\n", result.Text);
        Assert.Equal(0, result.Exit.ExitCode);
    }

    [Fact]
    public async Task Exec_WithReaderThatLags_IsPacedAndLosesNothing()
    {
        const int Size = 8 << 20;
        await using var pod = await TestPod.CreateAsync();
        await pod.StartAsync("app", pod.Config("sleep", "1000"));
        using var session = await pod.Shim.ExecAsync(new ExecRequest { Id = "app", Args = ["head", "-c", Size.ToString(System.Globalization.CultureInfo.InvariantCulture), "/dev/zero"] }, pod.Deadline);
        long total = 0;
        while (true)
        {
            var output = await session.ReadAsync(pod.Deadline);
            if (output.Exit is { } exit)
            {
                Assert.Equal(0, exit.ExitCode);
                break;
            }

            total += output.Data.Length;
            if (total < 200_000) await Task.Delay(20, pod.Deadline);
        }

        Assert.Equal(Size, total);
    }

    [Fact]
    public async Task Exec_FiftyTimesAtOnce_LeaksNoDescriptorAndNoProcess()
    {
        const int Sessions = 50;
        await using var pod = await TestPod.CreateAsync();
        var shim = await pod.ShimPidAsync();
        await pod.StartAsync("app", pod.Config("sleep", "1000"));
        await pod.ExecAsync(new ExecRequest { Id = "app", Args = ["true"] });
        await pod.EventuallyAsync(() => Children(shim) == 1, "only the container is left");
        var before = Descriptors(shim);
        using var slots = new SemaphoreSlim(8);
        var results = await Task.WhenAll(Enumerable.Range(0, Sessions).Select(async number =>
        {
            await slots.WaitAsync(pod.Deadline);
            try
            {
                return await pod.ExecAsync(new ExecRequest { Id = "app", Args = ["sh", "-c", $"cat; exit {number}"], Stdin = true }, [(byte)number]);
            }
            finally
            {
                slots.Release();
            }
        }));
        Assert.All(results, static (result, number) => Assert.Equal((number, (byte)number), (result.Exit.ExitCode, Assert.Single(result.Stdout))));
        await pod.EventuallyAsync(() => Descriptors(shim) == before, $"the shim is back at {before} descriptors");
        Assert.Equal(1, Children(shim));
        Assert.Empty(Directory.GetFiles(pod.Bundle("app"), "exec-*"));
    }

    private static int Descriptors(int pid) => Directory.GetFiles($"/proc/{pid}/fd").Length;

    private static int Children(int pid) =>
        File.ReadAllText($"/proc/{pid}/task/{pid}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;

    private static Task<SessionResult> EchoAsync(TestPod pod, byte[] input) => Task.Run(async () =>
    {
        using var session = await pod.Shim.ExecAsync(new ExecRequest { Id = "app", Args = ["sh", "-c", "cat; echo done >&2; exit 5"], Stdin = true }, pod.Deadline);
        using var stdout = new MemoryStream();
        using var stderr = new MemoryStream();
        var copy = session.CopyToAsync(stdout, stderr, pod.Deadline);
        await session.WriteAsync(input, pod.Deadline);
        await session.EndInputAsync(pod.Deadline);
        return new SessionResult(await copy, stdout.ToArray(), stderr.ToArray());
    });

    private static async Task<string> ReadUntilAsync(ShimSession session, string expected, CancellationToken cancellationToken)
    {
        var text = "";
        while (!text.Contains(expected, StringComparison.Ordinal))
        {
            var output = await session.ReadAsync(cancellationToken);
            Assert.True(output.Exit is null, $"The session ended with {output.Exit} after: {text}");
            text += Encoding.UTF8.GetString(output.Data.Span);
        }

        return text;
    }
}
