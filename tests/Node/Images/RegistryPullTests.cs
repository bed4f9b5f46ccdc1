using ControlPlane.Agent.Images;
using Microsoft.Extensions.Logging.Abstractions;

namespace ControlPlane.Node.Tests.Images;

public sealed class RegistryPullTests : IDisposable
{
    private readonly ImageStoreFixture _fixture = new();
    private readonly ImagePuller _puller;

    public RegistryPullTests() =>
        _puller = new ImagePuller(_fixture.Store, TimeProvider.System, NullLogger<ImagePuller>.Instance);

    public void Dispose()
    {
        _puller.Dispose();
        _fixture.Dispose();
    }

    [Fact]
    public async Task Pull_FromARealRegistry_GivesTheImageThatWasPushed()
    {
        using var registry = await DockerRegistry.StartAsync();
        var name = registry.Push("nginx", "web/nginx:1");
        var reports = new List<PullProgress>();

        var image = await _puller.EnsureAsync(name, null, null, new Reports(reports), CancellationToken.None);

        Assert.Contains(name, image.References);
        Assert.Equal(2, image.LayerDirectories.Count);
        Assert.Equal(["/usr/sbin/nginx"], image.Config.Entrypoint);
        Assert.Equal(2, reports[^1].LayersDone);
        Assert.Equal(reports[^1].Bytes, reports[^1].BytesDone);
    }

    [Fact]
    public async Task Pull_ByDigest_KeepsThePin()
    {
        using var registry = await DockerRegistry.StartAsync();
        var name = registry.Push("busybox", "tools/busybox:1");
        var byTag = await _puller.EnsureAsync(name, ImagePullPolicy.Always, null, null, CancellationToken.None);

        var byDigest = await _puller.EnsureAsync(
            $"127.0.0.1:{registry.Port}/tools/busybox@{byTag.Manifest}", ImagePullPolicy.IfNotPresent, null, null, CancellationToken.None);

        Assert.Equal(byTag.Id, byDigest.Id);
    }

    [Fact]
    public async Task Pull_MissingTag_SaysSo()
    {
        using var registry = await DockerRegistry.StartAsync();

        var failure = await Assert.ThrowsAsync<ImagePullException>(() => _puller.EnsureAsync(
            $"127.0.0.1:{registry.Port}/no/such:1", null, null, null, CancellationToken.None));

        Assert.Equal(ImagePullFailure.ManifestUnknown, failure.Failure);
        Assert.Equal("ErrImagePull", failure.WaitingReason);
        Assert.Contains($"127.0.0.1:{registry.Port}/no/such:1 does not exist", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_RegistryDown_IsRegistryUnavailable()
    {
        int port;
        using (var registry = await DockerRegistry.StartAsync())
            port = registry.Port;

        var failure = await Assert.ThrowsAsync<ImagePullException>(() => _puller.EnsureAsync(
            $"127.0.0.1:{port}/a:1", null, null, null, CancellationToken.None));

        Assert.Equal("RegistryUnavailable", failure.WaitingReason);
    }

    [Theory]
    [InlineData("Not A Name", "InvalidImageName")]
    [InlineData("absent:1", "ErrImageNeverPull")]
    public async Task Ensure_WithoutAnyRegistry_FailsByReason(string image, string reason)
    {
        var failure = await Assert.ThrowsAsync<ImagePullException>(
            () => _puller.EnsureAsync(image, ImagePullPolicy.Never, null, null, CancellationToken.None));

        Assert.Equal(reason, failure.WaitingReason);
    }

    [Fact]
    public async Task Pull_PrivateRegistry_TriesEverySecret()
    {
        using var registry = await DockerRegistry.StartAsync(withUsers: true);
        var name = registry.Push("busybox", "private/busybox:1", "alice:secret");

        var anonymous = await Assert.ThrowsAsync<ImagePullException>(
            () => _puller.EnsureAsync(name, null, null, null, CancellationToken.None));
        var refused = await Assert.ThrowsAsync<ImagePullException>(
            () => _puller.EnsureAsync(name, null, Credentials(new RegistryCredentials("alice", "wrong")), null, CancellationToken.None));
        var image = await _puller.EnsureAsync(
            name, null, Credentials(new RegistryCredentials("alice", "wrong"), new RegistryCredentials("alice", "secret")), null, CancellationToken.None);

        Assert.Equal(ImagePullFailure.Unauthorized, anonymous.Failure);
        Assert.Contains("imagePullSecrets", anonymous.Message, StringComparison.Ordinal);
        Assert.Equal(ImagePullFailure.Unauthorized, refused.Failure);
        Assert.DoesNotContain("wrong", refused.Message, StringComparison.Ordinal);
        Assert.Contains(name, image.References);
    }

    [Fact]
    public async Task Pull_ManyAtOnce_IsOnePull()
    {
        using var registry = await DockerRegistry.StartAsync();
        var name = registry.Push("nginx", "web/nginx:1");

        var images = await Task.WhenAll(Enumerable.Range(0, 50).Select(
            _ => _puller.EnsureAsync(name, ImagePullPolicy.Always, null, null, CancellationToken.None)));

        Assert.Single(images.Select(image => image.Id).Distinct());
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_fixture.Root, "tmp")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_fixture.Root, "partial")));
    }

    [Fact]
    public async Task Pull_CorruptedInTheRegistry_IsRefused()
    {
        using var registry = await DockerRegistry.StartAsync();
        var name = registry.Push("busybox", "tools/busybox:1");
        var layer = Directory.EnumerateFiles(registry.DataDirectory, "data", SearchOption.AllDirectories)
            .MaxBy(file => new FileInfo(file).Length)!;
        var bytes = await File.ReadAllBytesAsync(layer);
        bytes[1000] ^= 1;
        await File.WriteAllBytesAsync(layer, bytes);

        var failure = await Assert.ThrowsAsync<ImagePullException>(() => _puller.EnsureAsync(name, null, null, null, CancellationToken.None));

        Assert.Equal(ImagePullFailure.InvalidImage, failure.Failure);
        Assert.Empty(_fixture.Store.List());
    }

    private static CredentialProvider Credentials(params RegistryCredentials[] credentials) =>
        (_, _) => ValueTask.FromResult<IReadOnlyList<RegistryCredentials>>(credentials);

    private sealed class Reports(List<PullProgress> reports) : IProgress<PullProgress>
    {
        public void Report(PullProgress value)
        {
            lock (reports)
                reports.Add(value);
        }
    }
}
