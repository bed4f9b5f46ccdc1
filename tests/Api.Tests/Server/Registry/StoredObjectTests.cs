using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using ControlPlane.Api.Server.Registry;

namespace ControlPlane.Api.Tests.Server.Registry;

public sealed class StoredObjectTests
{
    private static readonly JsonObject Tree = (JsonObject)JsonNode.Parse("""
        {"data":{"a":"ü","metadata":"{"},"metadata":{"resourceVersion":"old","name":"x","labels":{"l":"v"},"selfLink":"y"},"kind":"Other"}
        """)!;

    [Fact]
    public void Encode_PutsIdentityFirstAndLeavesVersionOut() =>
        Assert.Equal("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x","labels":{"l":"v"}},"data":{"a":"ü","metadata":"{"}}""",
            Encoding.UTF8.GetString(ObjectEncoder.Encode(Tree, "v1", "ConfigMap")));

    [Fact]
    public void WriteTo_SplicesTheVersionIn() =>
        Assert.Equal("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"resourceVersion":"42","name":"x","labels":{"l":"v"}},"data":{"a":"ü","metadata":"{"}}""",
            Written((o, w) => o.WriteTo(w)));

    [Fact]
    public void WriteBareTo_LeavesTheKindOut() =>
        Assert.Equal("""{"metadata":{"resourceVersion":"42","name":"x","labels":{"l":"v"}},"data":{"a":"ü","metadata":"{"}}""", Written((o, w) => o.WriteBareTo(w)));

    [Fact]
    public void WriteMetadataTo_WritesNothingElse() =>
        Assert.Equal("""{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"42","name":"x","labels":{"l":"v"}}}""",
            Written((o, w) => o.WriteMetadataTo(w)));

    [Fact]
    public void ToTree_HasTheVersion() => Assert.Equal("42", (string?)Stored(42).ToTree()["metadata"]!["resourceVersion"]);

    [Fact]
    public void WriteTo_OfWhatWasNeverStored_HasNoVersion()
    {
        var output = new ArrayBufferWriter<byte>();
        Stored(0).WriteTo(output);

        Assert.DoesNotContain("resourceVersion", Encoding.UTF8.GetString(output.WrittenSpan));
    }

    private static StoredObject Stored(long revision) => new("/registry/core/configmaps/ns/x", ObjectEncoder.Encode(Tree, "v1", "ConfigMap"), revision);

    private static string Written(Action<StoredObject, ArrayBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(Stored(42), output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
