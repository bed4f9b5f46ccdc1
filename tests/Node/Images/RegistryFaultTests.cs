using ControlPlane.Agent.Images;
using Microsoft.Extensions.Logging.Abstractions;
using static ControlPlane.Node.Tests.Images.LayerArchive;

namespace ControlPlane.Node.Tests.Images;

public sealed class RegistryFaultTests : IAsyncLifetime
{
    private readonly ImageStoreFixture _fixture = new();
    private ImagePuller _puller = null!;
    private FaultRegistry _registry = null!;

    public async Task InitializeAsync()
    {
        _puller = new ImagePuller(_fixture.Store, TimeProvider.System, NullLogger<ImagePuller>.Instance);
        var random = new byte[3 << 20];
        new Random(1).NextBytes(random);
        var big = new System.Formats.Tar.PaxTarEntry(System.Formats.Tar.TarEntryType.RegularFile, "big") { DataStream = new MemoryStream(random) };
        _registry = await FaultRegistry.StartAsync(Image("any.local/a/b:1", [Layer(big)]));
    }

    public async Task DisposeAsync()
    {
        await _registry.DisposeAsync();
        _puller.Dispose();
        _fixture.Dispose();
    }

    [Fact]
    public async Task Pull_ConnectionCut_ContinuesWhereItEnded()
    {
        _registry.CutAfter = 2 << 20;

        var image = await PullAsync();

        Assert.Equal(3 << 20, new FileInfo(image.LayerDirectories[0] + "/big").Length);
        // Two cuts at most, more only if the cut also lost bytes on their way; a client that starts over would never get there.
        Assert.InRange(_registry.Ranges.Count, 1, 4);
        Assert.All(_registry.Ranges, range => Assert.DoesNotMatch("^0/", range));
    }

    [Fact]
    public async Task Pull_GivenUpEarlier_ContinuesWithTheNextPull()
    {
        _registry.CutAfter = 256 << 10;
        var failure = await Assert.ThrowsAsync<ImagePullException>(PullAsync);
        var tried = _registry.Ranges.Count;
        _registry.CutAfter = null;

        await PullAsync();

        Assert.Equal(ImagePullFailure.RegistryUnavailable, failure.Failure);
        Assert.Equal(tried + 1, _registry.Ranges.Count);
        Assert.True(Start(_registry.Ranges[^1]) > Start(_registry.Ranges[^2]));

        static int Start(string range) => int.Parse(range.Split('/')[0], System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Pull_TokenAndRedirect_KeepsTheTokenFromTheOtherHost()
    {
        (_registry.WantsToken, _registry.RedirectsBlobs) = (true, true);

        await PullAsync();

        Assert.Equal("?service=test&scope=repository%3Aa%2Fb%3Apull%2Cpush ", Assert.Single(_registry.TokenRequests));
        Assert.NotEmpty(_registry.AuthorizationsElsewhere);
        Assert.All(_registry.AuthorizationsElsewhere, authorization => Assert.Equal("", authorization));
    }

    [Fact]
    public async Task Pull_PinnedDigest_RefusesAnotherManifest()
    {
        var honest = await PullAsync();
        _registry.SwapsManifest = true;

        var failure = await Assert.ThrowsAsync<ImagePullException>(() => _puller.EnsureAsync(
            $"{_registry.Host}/other/name@{honest.Manifest}", ImagePullPolicy.Always, null, null, CancellationToken.None));

        Assert.Equal(ImagePullFailure.InvalidImage, failure.Failure);
        Assert.Contains(honest.Manifest.ToString(), failure.Message, StringComparison.Ordinal);
    }

    private Task<LocalImage> PullAsync() =>
        _puller.EnsureAsync($"{_registry.Host}/a/b:1", ImagePullPolicy.Always, null, null, CancellationToken.None);
}
