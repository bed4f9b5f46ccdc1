using ControlPlane.Agent.Images;

namespace ControlPlane.Agent.Tests.Images;

public sealed class ImageReferenceTests
{
    private const string Pin = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("nginx", "docker.io/library/nginx:latest")]
    [InlineData("nginx:1.25", "docker.io/library/nginx:1.25")]
    [InlineData("grafana/grafana", "docker.io/grafana/grafana:latest")]
    [InlineData("docker.io/nginx", "docker.io/library/nginx:latest")]
    [InlineData("index.docker.io/a/b:1", "docker.io/a/b:1")]
    [InlineData("localhost/app", "localhost/app:latest")]
    [InlineData("localhost:5000/app:2", "localhost:5000/app:2")]
    [InlineData("registry.example.com:5000/a/b/c", "registry.example.com:5000/a/b/c:latest")]
    [InlineData("[::1]:5000/app:2", "[::1]:5000/app:2")]
    [InlineData("127.0.0.1:5000/app", "127.0.0.1:5000/app:latest")]
    [InlineData("MyHost/app", "MyHost/app:latest")]
    [InlineData("ghcr.io/a/b_c.d-e__f:V1.2-rc_3", "ghcr.io/a/b_c.d-e__f:V1.2-rc_3")]
    [InlineData("nginx@" + Pin, "docker.io/library/nginx@" + Pin)]
    [InlineData("example.com/a:1@" + Pin, "example.com/a:1@" + Pin)]
    public void Parse_ValidName_IsNormalized(string text, string normalized) =>
        Assert.Equal(normalized, ImageReference.Parse(text).ToString());

    [Theory]
    [InlineData("", "empty")]
    [InlineData("Nginx", "lower case")]
    [InlineData("example.com/App", "lower case")]
    [InlineData("a b", "invalid repository")]
    [InlineData("nginx:", "invalid tag")]
    [InlineData("nginx:-1", "invalid tag")]
    [InlineData("nginx@sha256:123", "invalid digest")]
    [InlineData("nginx@md5:0123456789abcdef0123456789abcdef", "invalid digest")]
    [InlineData("-x.com/app", "invalid registry")]
    [InlineData("a//b", "invalid repository")]
    [InlineData("a/../b", "invalid repository")]
    [InlineData("https://example.com/app", "invalid")]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "image id")]
    [InlineData("nginx\n", "invalid")]
    public void Parse_InvalidName_SaysWhatIsWrong(string text, string problem)
    {
        Assert.False(ImageReference.TryParse(text, out _, out var said));
        Assert.Contains(problem, said, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_NameOver255Characters_IsRefused() =>
        Assert.False(ImageReference.TryParse("example.com/" + new string('a', 256), out _, out _));

    [Theory]
    [InlineData("nginx", ImagePullPolicy.Always)]
    [InlineData("nginx:latest", ImagePullPolicy.Always)]
    [InlineData("nginx:1", ImagePullPolicy.IfNotPresent)]
    [InlineData("nginx@" + Pin, ImagePullPolicy.IfNotPresent)]
    public void DefaultPullPolicy_IsKubernetes(string text, ImagePullPolicy policy) =>
        Assert.Equal(policy, ImageReference.Parse(text).DefaultPullPolicy);
}
