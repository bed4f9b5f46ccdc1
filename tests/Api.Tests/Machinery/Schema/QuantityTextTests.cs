using ControlPlane.Api.Machinery.Schema;
using Xunit;

namespace ControlPlane.Api.Tests.Machinery.Schema;

public class QuantityTextTests
{
    [Theory]
    [InlineData("0", "0")]
    [InlineData("0.5", "500m")]
    [InlineData("1000m", "1")]
    [InlineData("1500m", "1500m")]
    [InlineData("1000", "1k")]
    [InlineData("1024Mi", "1Gi")]
    [InlineData("1.5Gi", "1536Mi")]
    [InlineData("0.1Ki", "102400m")]
    [InlineData("100M", "100M")]
    [InlineData("0.1M", "100k")]
    [InlineData("128974848", "128974848")]
    [InlineData("129e6", "129e6")]
    [InlineData("1e3", "1e3")]
    [InlineData("1E", "1E")]
    [InlineData("2Ei", "2Ei")]
    [InlineData("-1.5", "-1500m")]
    [InlineData("+5", "5")]
    [InlineData("1n", "1n")]
    [InlineData("0.1n", "1n")]
    [InlineData("5.", "5")]
    [InlineData("", null)]
    [InlineData("x", null)]
    [InlineData("1 Gi", null)]
    [InlineData("1Gib", null)]
    [InlineData("Gi", null)]
    [InlineData("1..5", null)]
    public void Canonicalize_MatchesKubernetes(string text, string? canonical)
    {
        Assert.Equal(canonical, QuantityText.Canonicalize(text));
        if (canonical is not null)
            Assert.Equal(canonical, QuantityText.Canonicalize(canonical));
    }
}
