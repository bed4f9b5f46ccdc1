using ControlPlane.Agent.Images;

namespace ControlPlane.Node.Tests.Images;

public sealed class ArchiveImportTests : IDisposable
{
    private readonly ImageStoreFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Import_OciArchive_GivesARunnableRootFilesystem()
    {
        var image = await _fixture.ImportAsync("busybox");

        Assert.Contains("controlplane.local/busybox:1", image.References);
        Assert.Equal(["sh"], image.Config.Cmd);
        var layer = Assert.Single(image.LayerDirectories);
        Assert.Equal("hello\n", ImageStoreFixture.Run("chroot", layer, "/bin/sh", "-c", "echo hello"));
        Assert.Equal("1777", ImageStoreFixture.Run("stat", "-c", "%a", layer + "/tmp").Trim());
        Assert.Equal("busybox", new FileInfo(layer + "/bin/sh").LinkTarget);
    }

    [Fact]
    public async Task Import_SecondImageOnTheSameLayer_SharesIt()
    {
        var busybox = await _fixture.ImportAsync("busybox");
        var nginx = await _fixture.ImportAsync("nginx");

        Assert.Equal(2, nginx.LayerDirectories.Count);
        Assert.Equal(busybox.LayerDirectories[0], nginx.LayerDirectories[^1]);
        Assert.Equal(["80/tcp"], nginx.Config.ExposedPorts);
        Assert.Equal("SIGQUIT", nginx.Config.StopSignal);
    }

    [Fact]
    public async Task Import_ThenReopen_FindsTheImageByTagAndDigest()
    {
        var image = await _fixture.ImportAsync("busybox");

        var reopened = _fixture.Reopen();

        Assert.Equal(image.Id, reopened.Resolve(ImageReference.Parse("controlplane.local/busybox:1"))?.Id);
        Assert.Equal(image.Id, reopened.Resolve(ImageReference.Parse($"controlplane.local/busybox@{image.Manifest}"))?.Id);
        Assert.Null(reopened.Resolve(ImageReference.Parse("controlplane.local/busybox:2")));
        Assert.Equal(image.LayerDirectories, reopened.List().Single().LayerDirectories);
    }

    [Fact]
    public async Task Import_DockerArchive_GivesTheSameFiles()
    {
        var oci = await _fixture.ImportAsync("nginx");
        var archive = Path.Combine(_fixture.NewDirectory(), "docker.tar");
        ImageStoreFixture.Run(
            "skopeo", "--insecure-policy", "copy", "-q", "oci-archive:" + ImageStoreFixture.Archive("nginx"),
            "docker-archive:" + archive + ":example.com/web:7");

        await using var stream = File.OpenRead(archive);
        var docker = Assert.Single(await _fixture.Store.ImportAsync(stream, null, CancellationToken.None));

        Assert.Contains("example.com/web:7", docker.References);
        // The layers unpack to the same content, so they are the same layers.
        Assert.Equal(oci.LayerDirectories, docker.LayerDirectories);
    }

    [Fact]
    public async Task Import_WithAName_UsesIt()
    {
        await using var archive = File.OpenRead(ImageStoreFixture.Archive("busybox"));

        var image = Assert.Single(await _fixture.Store.ImportAsync(archive, ImageReference.Parse("mine:2"), CancellationToken.None));

        Assert.Contains("docker.io/library/mine:2", image.References);
        Assert.Null(_fixture.Store.Resolve(ImageReference.Parse("controlplane.local/busybox:1")));
    }

    [Fact]
    public async Task Import_TruncatedArchive_IsRefusedAndLeavesNothing()
    {
        var bytes = await File.ReadAllBytesAsync(ImageStoreFixture.Archive("busybox"));
        using var half = new MemoryStream(bytes, 0, bytes.Length / 2);

        await Assert.ThrowsAsync<InvalidImageException>(() => _fixture.Store.ImportAsync(half, null, CancellationToken.None));

        var reopened = _fixture.Reopen();
        Assert.Empty(reopened.List());
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_fixture.Root, "blobs", "sha256")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_fixture.Root, "layers")));
    }

    [Fact]
    public async Task Import_BlobUnderAWrongDigest_IsRefused()
    {
        var bytes = await File.ReadAllBytesAsync(ImageStoreFixture.Archive("busybox"));
        // The layer lies in the middle of the archive: one flipped bit changes its digest.
        bytes[bytes.Length / 2] ^= 1;
        using var damaged = new MemoryStream(bytes);

        var refusal = await Assert.ThrowsAsync<InvalidImageException>(
            () => _fixture.Store.ImportAsync(damaged, null, CancellationToken.None));

        Assert.Contains("has the digest", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_StoreThatIsInUse_Fails() =>
        Assert.Throws<IOException>(() => ImageStore.Open(
            new ImageStoreOptions { Root = _fixture.Root }, TimeProvider.System,
            Microsoft.Extensions.Logging.Abstractions.NullLogger<ImageStore>.Instance));

    [Fact]
    public async Task Remove_LastTag_DeletesLayersThatNobodyElseUses()
    {
        var busybox = await _fixture.ImportAsync("busybox");
        var nginx = await _fixture.ImportAsync("nginx");

        Assert.True(_fixture.Store.Remove(ImageReference.Parse("controlplane.local/nginx:1")));

        Assert.False(Directory.Exists(nginx.LayerDirectories[0]));
        Assert.True(Directory.Exists(busybox.LayerDirectories[0]));
        Assert.Equal(busybox.Id, Assert.Single(_fixture.Store.List()).Id);
    }

    [Fact]
    public async Task Collect_HeldImage_Stays()
    {
        var busybox = await _fixture.ImportAsync("busybox");
        await _fixture.ImportAsync("nginx");
        using var hold = _fixture.Store.Hold(busybox);

        var removed = _fixture.Store.Collect(
            new GarbagePolicy { MinimumAge = TimeSpan.Zero, HighThresholdPercent = 0, LowThresholdPercent = 0 });

        Assert.Equal(1, removed);
        Assert.Equal(busybox.Id, Assert.Single(_fixture.Store.List()).Id);
        Assert.True(Directory.Exists(busybox.LayerDirectories[0]));
    }
}
