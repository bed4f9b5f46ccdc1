using System.Text;
using ControlPlane.Agent.Images;

namespace ControlPlane.Agent.Tests.Images;

public sealed class DockerConfigTests
{
    [Theory]
    [InlineData("nginx", "hub")]
    [InlineData("registry.example.com/team/app:1", "team,registry")]
    [InlineData("registry.example.com/teams/app:1", "registry")]
    [InlineData("eu.gcr.io/p/app:1", "wild")]
    [InlineData("gcr.io/p/app:1", "")]
    [InlineData("localhost:5000/app:1", "local")]
    public void For_Image_GivesMatchingCredentialsMostSpecificFirst(string image, string users)
    {
        var config = Parse(
            $$$"""
            {"auths":{
              "https://index.docker.io/v1/":{"auth":"{{{Base64("hub:pw")}}}"},
              "registry.example.com":{"username":"registry","password":"pw"},
              "registry.example.com/team":{"username":"team","password":"p:w"},
              "*.gcr.io":{"auth":"{{{Base64("wild:p:w")}}}"},
              "http://localhost:5000":{"username":"local","password":""},
              "empty.example.com":{}
            }}
            """);

        Assert.Equal(users, string.Join(',', config.For(ImageReference.Parse(image)).Select(credentials => credentials.Username)));
    }

    [Fact]
    public void Parse_PasswordWithColon_IsKeptWhole() =>
        Assert.Equal("p:w", Assert.Single(Parse("""{"auths":{"a.b":{"username":"u","password":"p:w"}}}""")
            .For(ImageReference.Parse("a.b/c:1"))).Password);

    [Theory]
    [InlineData("not json")]
    [InlineData("""{"auths":[]}""")]
    [InlineData("""{"auths":{"a.b":{"auth":"@@"}}}""")]
    [InlineData("""{"auths":{"a.b":{"auth":"YWJj"}}}""")]
    public void Parse_Malformed_IsAFormatError(string json) => Assert.Throws<FormatException>(() => Parse(json));

    private static DockerConfig Parse(string json) => DockerConfig.Parse(Encoding.UTF8.GetBytes(json));

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
