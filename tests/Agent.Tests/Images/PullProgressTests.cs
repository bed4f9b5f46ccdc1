using ControlPlane.Agent.Images;

namespace ControlPlane.Agent.Tests.Images;

public sealed class PullProgressTests
{
    [Theory]
    [InlineData(2, 7, 41L << 20, 120L << 20, "layer 3/7, 41 of 120 MiB")]
    [InlineData(7, 7, 120L << 20, 120L << 20, "layer 7/7, 120 of 120 MiB")]
    [InlineData(0, 1, 0, 512 << 10, "layer 1/1, 0 of 0.5 MiB")]
    public void ToString_SaysLayerAndMebibytes(int done, int layers, long bytes, long total, string text) =>
        Assert.Equal(text, new PullProgress(done, layers, bytes, total).ToString());
}
