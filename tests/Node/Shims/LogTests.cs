using System.Globalization;
using System.Text;
using ControlPlane.Agent.Bundles;
using ControlPlane.Agent.Linux;

namespace ControlPlane.Node.Tests.Shims;

public sealed class LogTests
{
    [Fact]
    public async Task Log_OverItsSize_IsRotatedBetweenLinesAndKeepsTheNewestFiles()
    {
        const int MaxBytes = 16 * 1024;
        const int Lines = 1000;
        await using var pod = await TestPod.CreateAsync();
        await pod.StartAsync(
            "app",
            pod.Shell($"i=0; while [ $i -lt {Lines} ]; do echo entry number $i of this log; i=$((i+1)); done"),
            static request => request with { LogMaxBytes = MaxBytes, LogMaxFiles = 3 });
        await pod.ExitOfAsync("app");

        var log = pod.LogPath("app");
        var files = Directory.GetFiles(pod.Directory, "app.log*").Order(StringComparer.Ordinal).ToArray();
        Assert.Equal([log, log + ".1", log + ".2"], files);
        Assert.All(files, static file => Assert.InRange(new FileInfo(file).Length, 1, MaxBytes));
        var kept = files.Reverse().SelectMany(File.ReadAllLines).ToArray();
        Assert.All(kept, static line => Assert.Matches(@"^\S{30} stdout F entry number \d+ of this log$", line));
        var numbers = kept.Select(static line => int.Parse(line.Split(' ')[5], CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(Enumerable.Range(Lines - kept.Length, kept.Length), numbers);
    }

    [Fact]
    public async Task Log_OfLongLine_IsSplitIntoTaggedEntries()
    {
        await using var pod = await TestPod.CreateAsync();
        await pod.StartAsync("app", pod.Shell("head -c 40000 /dev/zero | tr '\\0' x; echo; echo next"));
        await pod.ExitOfAsync("app");
        var entries = File.ReadAllLines(pod.LogPath("app")).Select(static line => line.Split(' ', 4)).Select(static parts => (parts[2], parts[3].Length));
        Assert.Equal([("P", 16384), ("P", 16384), ("F", 40000 - (2 * 16384)), ("F", 4)], entries);
    }

    [Fact]
    public async Task Log_OfBinaryOutput_HoldsEveryByte()
    {
        await using var pod = await TestPod.CreateAsync();
        var data = new byte[1_000_000];
        new Random(7).NextBytes(data);
        var folder = Path.Combine(pod.Directory, "data");
        Directory.CreateDirectory(folder);
        await File.WriteAllBytesAsync(Path.Combine(folder, "file"), data);
        var mount = new ContainerMount { Source = folder, Destination = "/mnt", ReadOnly = true };
        await pod.StartAsync("app", pod.Config("cat", "/mnt/file") with { Mounts = [mount] });
        Assert.Equal(0, (await pod.ExitOfAsync("app")).ExitCode);
        Assert.Equal(data, Decode(await File.ReadAllBytesAsync(pod.LogPath("app"))));
    }

    [Fact]
    public async Task Log_OnFullDisk_DropsAndCountsWithoutStoppingTheContainer()
    {
        await using var pod = await TestPod.CreateAsync();
        var small = Path.Combine(pod.Directory, "small");
        Directory.CreateDirectory(small);
        Mounts.Tmpfs(small, 64 * 1024, 0x1C0, MountOptions.None);
        try
        {
            await pod.StartAsync("app", pod.Shell("head -c 1000000 /dev/zero | tr '\\0' '\\n'; exit 4"), request => request with { LogPath = Path.Combine(small, "log") });
            Assert.Equal(4, (await pod.ExitOfAsync("app")).ExitCode);
            Assert.InRange(Assert.Single(await pod.Shim.ListAsync(pod.Deadline)).LogBytesLost, 1_000_000, long.MaxValue);
            await pod.Shim.DeleteAsync("app", pod.Deadline);
        }
        finally
        {
            Mounts.Unmount(small);
        }
    }

    /// <summary>The bytes a container wrote, from its log: P entries carry on, F entries end with a newline.</summary>
    private static byte[] Decode(byte[] log)
    {
        const int Prefix = 30 + 1 + 6 + 1;
        var result = new MemoryStream();
        for (var start = 0; start < log.Length;)
        {
            var tag = log[start + Prefix];
            Assert.Equal("stdout", Encoding.ASCII.GetString(log, start + 31, 6));
            var content = start + Prefix + 2;
            var end = Array.IndexOf(log, (byte)'\n', content);
            result.Write(log, content, end - content);
            if (tag == 'F') result.WriteByte((byte)'\n');
            start = end + 1;
        }

        return result.ToArray();
    }
}
