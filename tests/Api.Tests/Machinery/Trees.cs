using System.Text;
using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using Xunit;

namespace ControlPlane.Api.Tests.Machinery;

/// <summary>Trees as the server makes them, from text.</summary>
internal static class Trees
{
    public static JsonObject Object(string json) => StrictJson.ParseObject(Encoding.UTF8.GetBytes(json));

    public static JsonNode? Node(string json) => StrictJson.Parse(Encoding.UTF8.GetBytes(json)).Root;

    public static void AssertSame(string expected, JsonNode? actual) =>
        Assert.True(JsonTree.DeepEquals(Node(expected), actual), $"expected {expected}\nactual   {actual?.ToJsonString() ?? "null"}");
}
