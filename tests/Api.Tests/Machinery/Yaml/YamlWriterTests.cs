using System.Text;
using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Yaml;
using Xunit;

namespace ControlPlane.Api.Tests.Machinery.Yaml;

public class YamlWriterTests
{
    [Fact]
    public void Write_AnObject_HasTheUsualLayout() => Assert.Equal(
        """
        apiVersion: v1
        data:
          script: |
            #!/bin/sh
            echo "hi"
          quoted: 'yes'
          number: '0123'
          colon: 'a: b'
          empty: ''
        list:
        - name: a
          ports:
          - 80
          - 443
        - - x
          - 'y'
        none: []
        nothing: {}
        absent: null

        """,
        YamlWriter.Write(Trees.Object(
            """
            {"apiVersion":"v1","data":{"script":"#!/bin/sh\necho \"hi\"\n","quoted":"yes","number":"0123","colon":"a: b","empty":""},
            "list":[{"name":"a","ports":[80,443]},["x","y"]],"none":[],"nothing":{},"absent":null}
            """)));

    [Theory]
    [InlineData("a")]
    [InlineData("a b")]
    [InlineData(" a")]
    [InlineData("a ")]
    [InlineData("a:")]
    [InlineData("- a")]
    [InlineData("-")]
    [InlineData("--- a")]
    [InlineData("#a")]
    [InlineData("a #b")]
    [InlineData("@x")]
    [InlineData("`x`")]
    [InlineData("{a")]
    [InlineData("null")]
    [InlineData("1e3")]
    [InlineData(".inf")]
    [InlineData("<<")]
    [InlineData("=")]
    [InlineData("2024-01-02")]
    [InlineData("it's \"so\"")]
    [InlineData("a\nb")]
    [InlineData("a\nb\n")]
    [InlineData("a\n\n\n")]
    [InlineData("\n")]
    [InlineData("\na")]
    [InlineData(" a\nb")]
    [InlineData("a\n  b\n c")]
    [InlineData("a\tb")]
    [InlineData("\ta")]
    [InlineData("a\r\nb")]
    [InlineData("a\u0085b")]
    [InlineData("a\u2028b")]
    [InlineData("a\u0000b")]
    [InlineData("\ufeffa")]
    [InlineData("é😀")]
    [InlineData("a\n \n")]
    [InlineData("\"")]
    [InlineData("%a")]
    [InlineData("?a")]
    [InlineData("? a")]
    [InlineData("a: b\nc: d")]
    public void Write_AnyText_ReadsBackUnchanged(string text)
    {
        var tree = new JsonObject { [text] = new JsonArray(text, new JsonObject { ["k"] = text, [text + "x"] = new JsonArray(new JsonArray(text)) }) };
        var yaml = YamlWriter.Write(tree);
        Trees.AssertSame(tree.ToJsonString(), YamlReader.Read(Encoding.UTF8.GetBytes(yaml)).Root);
    }

    [Fact]
    public void Write_RandomTrees_ReadBackUnchanged()
    {
        var random = new Random(7);
        for (var i = 0; i < 500; i++)
        {
            var tree = RandomTree.Node(random, depth: 4);
            var yaml = YamlWriter.Write(tree);
            Trees.AssertSame(tree?.ToJsonString() ?? "null", YamlReader.ReadAll(Encoding.UTF8.GetBytes(yaml)).Single().Root);
        }
    }
}
