using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Server.Protobuf;

namespace ControlPlane.Api.Tests.Server.Protobuf;

/// <summary>kubectl up to 1.31 sends these bodies as JSON and later ones as protobuf: both must mean the same.</summary>
public sealed class ProtobufDecoderTests
{
    public static TheoryData<string, string, string> Recorded()
    {
        var data = new TheoryData<string, string, string>();
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Server/Protobuf/kubectl-bodies.jsonl")))
        {
            var entry = JsonNode.Parse(line)!;
            data.Add((string)entry["command"]!, entry["json"]!.ToJsonString(), (string)entry["protobuf"]!);
        }
        return data;
    }

    [Theory, MemberData(nameof(Recorded))]
    public void Decode_OfARecordedBody_EqualsItsJson(string command, string json, string protobuf)
    {
        var decoded = ProtobufDecoder.Decode(Convert.FromBase64String(protobuf));

        var expected = WithoutEmpty(JsonNode.Parse(json)!.AsObject());
        Assert.True(JsonTree.DeepEquals(expected, WithoutEmpty(decoded)), $"{command}\nexpected {expected.ToJsonString()}\nactual   {decoded.ToJsonString()}");
    }

    [Theory]
    [InlineData("")]
    [InlineData("k8s")]
    [InlineData("azhzAP////8=")]
    public void Decode_OfNonsense_IsRefused(string base64)
    {
        var body = base64 == "k8s" ? "k8s"u8.ToArray() : Convert.FromBase64String(base64);

        Assert.Throws<DecodeException>(() => ProtobufDecoder.Decode(body));
    }

    [Fact]
    public void Decode_OfEveryCutOfABody_NeverFailsOtherwise()
    {
        foreach (var row in Recorded())
        {
            var whole = Convert.FromBase64String((string)row[2]);
            for (var length = 0; length < whole.Length; length++)
            {
                try
                {
                    ProtobufDecoder.Decode(whole.AsMemory(0, length));
                }
                catch (Exception error) when (error is DecodeException or NotSupportedException)
                {
                    // A cut body is refused, or happens to be whole.
                }
            }
        }
    }

    private static JsonObject WithoutEmpty(JsonObject node)
    {
        foreach (var (name, value) in node.ToArray())
        {
            if (value is JsonObject child)
                WithoutEmpty(child);
            foreach (var item in (value as JsonArray ?? []).OfType<JsonObject>())
                WithoutEmpty(item);
            var isEmpty = value is null or JsonObject { Count: 0 } or JsonArray { Count: 0 }
                || (value is JsonValue scalar && ((scalar.TryGetValue(out string? text) && text.Length == 0) || (scalar.TryGetValue(out bool flag) && !flag)));
            if (isEmpty)
                node.Remove(name);
        }
        return node;
    }
}
