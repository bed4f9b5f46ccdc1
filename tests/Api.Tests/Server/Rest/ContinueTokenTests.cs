using ControlPlane.Api.Server.Errors;
using ControlPlane.Api.Server.Rest;

namespace ControlPlane.Api.Tests.Server.Rest;

public sealed class ContinueTokenTests
{
    [Fact]
    public void Encode_IsAsKubernetesWritesIt() => Assert.Equal("eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MjYwLCJzdGFydCI6ImwyXHUwMDAwIn0", new ContinueToken(260, "l2").Encode());

    [Fact]
    public void Parse_OfWhatWasEncoded_IsTheSame() => Assert.Equal(new ContinueToken(7, "default/a1"), ContinueToken.Parse(new ContinueToken(7, "default/a1").Encode()));

    [Theory]
    [InlineData("xyz")]
    [InlineData("!!!")]
    [InlineData("e30")]
    public void Parse_OfAnythingElse_Is400(string text) => Assert.Equal(400, Assert.Throws<ApiException>(() => ContinueToken.Parse(text)).Code);

    [Fact]
    public void Parse_OfAWayOut_Is400() => Assert.Throws<ApiException>(() => ContinueToken.Parse(new ContinueToken(1, "../secrets/x").Encode()));
}
