using System.Text;
using ControlPlane.Agent.Linux;
using ControlPlane.Agent.Shim.Contract;
using ControlPlane.Agent.Shims;

namespace ControlPlane.Node.Tests.Shims;

public sealed class AttachTests
{
    [Fact]
    public async Task Attach_TwoClients_BothSeeOutputAndTheEnd()
    {
        await using var pod = await TestPod.CreateAsync();
        await pod.StartAsync("app", pod.Shell("cat; echo over; exit 6"), static request => request with { Stdin = true, StdinOnce = true });
        using var writer = await pod.Shim.AttachAsync(new AttachRequest("app", Stdin: true), pod.Deadline);
        using var watcher = await pod.Shim.AttachAsync(new AttachRequest("app", Stdin: false), pod.Deadline);
        await writer.WriteAsync("through and through\n"u8.ToArray(), pod.Deadline);
        await writer.EndInputAsync(pod.Deadline);
        foreach (var session in (ShimSession[])[writer, watcher])
        {
            using var output = new MemoryStream();
            var exit = await session.CopyToAsync(output, output, pod.Deadline);
            Assert.Equal(6, exit.ExitCode);
            Assert.Equal("through and through\nover\n", Encoding.UTF8.GetString(output.ToArray()));
        }

        Assert.Equal("through and through\nover\n", pod.Output("app"));
    }

    [Fact]
    public async Task Attach_ClientLeaves_ContainerWithLastingInputGoesOn()
    {
        await using var pod = await TestPod.CreateAsync();
        await pod.StartAsync("app", pod.Config("cat"), static request => request with { Stdin = true });
        using (var first = await pod.Shim.AttachAsync(new AttachRequest("app", Stdin: true), pod.Deadline))
        {
            await first.WriteAsync("one\n"u8.ToArray(), pod.Deadline);
            await pod.EventuallyAsync(() => pod.Output("app") == "one\n", "the first client's line is logged");
        }

        using var second = await pod.Shim.AttachAsync(new AttachRequest("app", Stdin: true), pod.Deadline);
        await second.WriteAsync("two\n"u8.ToArray(), pod.Deadline);
        await pod.EventuallyAsync(() => pod.Output("app") == "one\ntwo\n", "the second client's line is logged");
        Assert.Equal(ContainerPhase.Running, Assert.Single(await pod.Shim.ListAsync(pod.Deadline)).Phase);
    }

    [Fact]
    public async Task Attach_ToTerminal_TypesAndResizes()
    {
        await using var pod = await TestPod.CreateAsync();
        var config = pod.Shell("read x; stty size; echo got $x; exit 2") with { Terminal = true };
        await pod.StartAsync("app", config, static request => request with { Stdin = true });
        await pod.Shim.ResizeAsync(new ResizeRequest("app", 100, 40), pod.Deadline);
        using var session = await pod.Shim.AttachAsync(new AttachRequest("app", Stdin: true), pod.Deadline);
        await session.WriteAsync("words\n"u8.ToArray(), pod.Deadline);
        using var output = new MemoryStream();
        var exit = await session.CopyToAsync(output, output, pod.Deadline);
        Assert.Equal(2, exit.ExitCode);
        Assert.Contains("40 100\r\ngot words\r\n", Encoding.UTF8.GetString(output.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attach_ReaderThatNeverReads_IsCutOffAndTheContainerFinishes()
    {
        await using var pod = await TestPod.CreateAsync();
        var gate = Path.Combine(pod.Directory, "gate");
        Directory.CreateDirectory(gate);
        var config = pod.Shell("until [ -e /mnt/go ]; do sleep 0.01; done; head -c 16000000 /dev/zero; exit 0") with { Mounts = [new() { Source = gate, Destination = "/mnt" }] };
        await pod.StartAsync("app", config, static request => request with { LogPath = "" });
        using var lazy = await pod.Shim.AttachAsync(new AttachRequest("app", Stdin: false), pod.Deadline);
        await File.WriteAllTextAsync(Path.Combine(gate, "go"), "");
        Assert.Equal(0, (await pod.ExitOfAsync("app")).ExitCode);
        await Assert.ThrowsAsync<ShimUnavailableException>(() => lazy.CopyToAsync(Stream.Null, Stream.Null, pod.Deadline));
    }

    [Fact]
    public async Task Connection_WithHostileBytes_IsClosedAndTheShimGoesOn()
    {
        await using var pod = await TestPod.CreateAsync();
        var before = Directory.GetFiles($"/proc/{await pod.ShimPidAsync()}/fd").Length;
        foreach (var bytes in (byte[][])[[0xff, 0xff, 0xff, 0xff, 1], [0, 0, 0, 0], [1, 0, 0, 0, 99], [9, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8], "GET / HTTP/1.1\r\n\r\n"u8.ToArray()])
        {
            using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, default);
            await socket.ConnectAsync(new System.Net.Sockets.UnixDomainSocketEndPoint(Path.Combine(pod.Directory, PodDirectory.Socket)), pod.Deadline);
            await socket.SendAsync(bytes, pod.Deadline);
            var answer = new byte[4096];
            while (await socket.ReceiveAsync(answer, pod.Deadline) > 0)
            {
            }
        }

        Assert.Empty(await pod.Shim.ListAsync(pod.Deadline));
        await pod.EventuallyAsync(() => Directory.GetFiles($"/proc/{Recorded(pod)}/fd").Length <= before, "no descriptor is left");
    }

    private static int Recorded(TestPod pod) => ProcessIdentity.Parse(File.ReadAllText(Path.Combine(pod.Directory, PodDirectory.Identity)))!.Value.Pid;
}
