using ControlPlane.Agent.Configuration;
using ControlPlane.Agent.Volumes;

namespace ControlPlane.Agent.Tests.Node;

public sealed class ProjectedFilesTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("cp-volume-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Write_ThenChange_ExchangesAllFilesAndRemovesOld()
    {
        ProjectedFiles.Write(_root, [File("a", "1"), File("d/b", "2"), File("gone", "3")], null);
        Assert.Equal(("1", "2"), (Read("a"), Read("d/b")));

        ProjectedFiles.Write(_root, [File("a", "10"), File("d/b", "20")], null);

        Assert.Equal(("10", "20"), (Read("a"), Read("d/b")));
        Assert.False(System.IO.File.Exists(Path.Combine(_root, "gone")));
        Assert.Single(Directory.GetDirectories(_root, "..*"), d => Path.GetFileName(d) != "..data");
    }

    [Fact]
    public void Write_OfEqualContent_ChangesNothing()
    {
        ProjectedFiles.Write(_root, [File("a", "1")], null);
        var before = new DirectoryInfo(Path.Combine(_root, "..data")).LinkTarget;
        ProjectedFiles.Write(_root, [File("a", "1")], null);
        Assert.Equal(before, new DirectoryInfo(Path.Combine(_root, "..data")).LinkTarget);
    }

    [Fact]
    public void Write_SetsTheMode()
    {
        ProjectedFiles.Write(_root, [new VolumeFile("a", "x"u8.ToArray(), UnixFileMode.UserRead)], null);
        Assert.Equal(UnixFileMode.UserRead, System.IO.File.GetUnixFileMode(Path.Combine(_root, "a")));
    }

    private static VolumeFile File(string path, string content) => new(path, System.Text.Encoding.UTF8.GetBytes(content), (UnixFileMode)420);

    private string Read(string path) => System.IO.File.ReadAllText(Path.Combine(_root, path));
}
