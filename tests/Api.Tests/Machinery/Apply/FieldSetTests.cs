using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Apply;
using Xunit;

namespace ControlPlane.Api.Tests.Machinery.Apply;

public class FieldSetTests
{
    private static readonly string[] Elements = ["f:a", "f:b", "k:{\"name\":\"x\"}", "v:1"];

    [Fact]
    public void Operations_MeanWhatTheyMeanOnSetsOfPaths()
    {
        var random = new Random(5);
        for (var i = 0; i < 400; i++)
        {
            var (left, right) = (RandomSet(random, 3), RandomSet(random, 3));
            var (l, r) = (Paths(left), Paths(right));
            Assert.Equal(l.Union(r).Order(), Paths(FieldSet.Union(left, right)));
            Assert.Equal(l.Intersect(r).Order(), Paths(FieldSet.Intersection(left, right)));
            Assert.Equal(l.Except(r).Order(), Paths(FieldSet.Difference(left, right)));
            Assert.Equal(l.SequenceEqual(r), left.SetEquals(right));
            Assert.Equal(l.Intersect(r).Any(), !FieldSet.Intersection(left, right).IsEmpty);
            Assert.True(FieldsV1.TryDecode(FieldsV1.Encode(left), out var decoded));
            Assert.True(decoded.SetEquals(left));
        }
    }

    [Fact]
    public void TryDecode_ForeignSpelling_IsNormalized()
    {
        Assert.True(FieldsV1.TryDecode(Trees.Object("""{"k:{\"protocol\":\"TCP\", \"port\":80.0}":{".":{}},"v:\"\\u0061\"":{}}"""), out var set));
        Assert.Equal(["[port=80,protocol=\"TCP\"]", "[=\"a\"]"], set.Paths().Select(path => path.ToString()));
    }

    private static List<string> Paths(FieldSet set) => [.. set.Paths().Select(path => path.ToString()).Order()];

    private static FieldSet RandomSet(Random random, int depth)
    {
        var json = RandomNode(random, depth);
        Assert.True(FieldsV1.TryDecode(json, out var set));
        return set;
    }

    private static JsonObject RandomNode(Random random, int depth)
    {
        var node = new JsonObject();
        foreach (var element in Elements)
        {
            if (random.Next(2) == 0)
                continue;
            var child = depth > 1 ? RandomNode(random, depth - 1) : [];
            if (child.Count > 0 && random.Next(2) == 0)
                child["."] = new JsonObject();
            node[element] = child;
        }
        return node;
    }
}
