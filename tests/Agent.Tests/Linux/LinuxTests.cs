using ControlPlane.Agent.Linux;

namespace ControlPlane.Agent.Tests.Linux;

public sealed class LinuxTests
{
    [Fact]
    public void LinuxException_OfAFailedCall_NamesCallPathAndError()
    {
        var error = Assert.Throws<LinuxException>(() => FileDescriptor.Open("/nowhere/at/all", OpenMode.Read));
        Assert.Equal(Errno.ENOENT, error.Errno);
        Assert.Equal("ENOENT", error.ErrnoName);
        Assert.Equal("/nowhere/at/all", error.Subject);
        Assert.StartsWith("open /nowhere/at/all: ENOENT (", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ProcessIdentity_OfOurselves_IsAliveAndSurvivesItsTextForm()
    {
        var self = ProcessIdentity.Of(Environment.ProcessId)!.Value;
        Assert.True(self.IsAlive());
        Assert.Equal(self, ProcessIdentity.Parse(self + "\n"));
        Assert.False((self with { StartTicks = self.StartTicks + 1 }).IsAlive());
        Assert.False((self with { BootId = "another boot" }).IsAlive());
        Assert.Null(ProcessIdentity.Parse("nonsense"));
    }

    [Fact]
    public void Spawn_Program_GivesItTheDescriptorsAndEnvironmentAndNothingElse()
    {
        var pipe = FileDescriptor.Pipe();
        var silence = FileDescriptor.Open("/dev/null", OpenMode.ReadWrite);
        var pid = ChildProcess.Spawn(new SpawnRequest
        {
            Path = "/bin/sh",
            Arguments = ["sh", "-c", "echo $A; cd /proc/$$/fd; echo *; exit 7"],
            Environment = ["A=b c"],
            StandardInput = silence,
            StandardOutput = pipe.Write,
            StandardError = silence,
            WorkingDirectory = "/",
        });
        FileDescriptor.Close(pipe.Write);
        FileDescriptor.Close(silence);
        var text = ReadToEnd(pipe.Read);

        // 3 is the shell's own hold on the directory it lists.
        Assert.Equal("b c\n0 1 2 3\n", text);
        Assert.Equal(7, WaitFor(pid).ExitCode);
        Assert.False(ChildProcess.IsChild(pid));
    }

    [Fact]
    public void PidFd_OfAChild_SignalsItUntilItHasEnded()
    {
        var silence = FileDescriptor.Open("/dev/null", OpenMode.ReadWrite);
        var pid = ChildProcess.Spawn(new SpawnRequest
        {
            Path = "/bin/sleep", Arguments = ["sleep", "100"], Environment = [], StandardInput = silence, StandardOutput = silence, StandardError = silence,
        });
        FileDescriptor.Close(silence);
        using var process = PidFd.TryOpen(pid)!;
        Assert.False(process.HasEnded());
        Assert.True(process.TrySignal(Signal.Kill));
        var status = WaitFor(pid);
        Assert.Equal((Signal.Kill, 137), (status.Signal, status.ExitCode));
        Assert.True(process.HasEnded());
        Assert.False(process.TrySignal(Signal.Kill));
    }

    [Theory]
    [InlineData("safe/inside")]
    [InlineData("link-out/etc")]
    [InlineData("../../../../tmp")]
    [InlineData("/absolute")]
    public void RootedPath_WhateverTheName_StaysInsideTheRoot(string path)
    {
        var root = Directory.CreateTempSubdirectory("cp-rooted-").FullName;
        try
        {
            Directory.CreateSymbolicLink(Path.Combine(root, "link-out"), "/../../..");
            using var handle = RootedPath.EnsureDirectory(root, path);
            var real = Directory.ResolveLinkTarget(RootedPath.NameOf(handle), returnFinalTarget: false)!.FullName;
            Assert.True(real == root || real.StartsWith(root + "/", StringComparison.Ordinal), real);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Fact]
    public void MountTable_Parse_UnescapesAndFindsWhatLiesBelow()
    {
        const string Table = "22 1 8:1 / / rw shared:1 - ext4 /dev/root rw\n36 22 0:5 /x /mnt/a\\040b rw,nosuid master:2 - tmpfs none rw\n37 22 0:5 / /mnt/a\\040bc rw - tmpfs none rw\n";
        var mounts = MountTable.Parse(Table);
        Assert.Equal(new MountEntry("/mnt/a b", "tmpfs", "none"), mounts[1]);
        Assert.Equal(["/mnt/a b"], mounts.Where(static mount => mount.IsAtOrBelow("/mnt/a b")).Select(static mount => mount.Point));
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(1024, 39)]
    [InlineData(262_144, 10_000)]
    public void CgroupV2_Weight_ConvertsShares(long shares, long weight) => Assert.Equal(weight, CgroupV2.Weight(shares));

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("relative")]
    [InlineData("/a/../b")]
    public void Cgroup_BadPath_IsRefused(string path) => Assert.Throws<ArgumentException>(() => Cgroup.At(path));

    [Fact]
    public void SmallFile_Replace_LeavesOneFileForItsOwnerOnly()
    {
        var folder = Directory.CreateTempSubdirectory("cp-small-").FullName;
        var path = Path.Combine(folder, "state");
        SmallFile.Replace(path, "one");
        SmallFile.Replace(path, "two");
        Assert.Equal("two", SmallFile.ReadText(path));
        Assert.Equal([path], Directory.GetFiles(folder));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Null(SmallFile.TryReadText(path + "/below"));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void FileSystemUsage_OfTemp_AddsUp()
    {
        var usage = FileSystemUsage.Of(Path.GetTempPath());
        Assert.InRange(usage.AvailableBytes, 1, usage.TotalBytes);
    }

    private static string ReadToEnd(int fd)
    {
        var buffer = new byte[4096];
        var length = 0;
        for (int count; (count = FileDescriptor.Read(fd, buffer.AsSpan(length))) > 0;) length += count;
        FileDescriptor.Close(fd);
        return System.Text.Encoding.UTF8.GetString(buffer, 0, length);
    }

    private static WaitStatus WaitFor(int pid)
    {
        while (true)
        {
            if (ChildProcess.TryReap(pid) is { } child) return child.Status;
            Thread.Sleep(1);
        }
    }
}
