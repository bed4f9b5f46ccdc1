using System.Text;
using ControlPlane.Api.Storage.Embedded.Index;

namespace ControlPlane.Storage.Conformance.Embedded;

public sealed class KeyTreeTests
{
    [Theory]
    [InlineData(200, 20_000)]
    [InlineData(5_000, 40_000)]
    public void RandomAddsAndRemoves_MatchASortedSet(int keys, int steps)
    {
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        var expected = new SortedSet<string>(StringComparer.Ordinal);
        KeyTree tree = KeyTree.Empty;
        for (int i = 0; i < steps; i++)
        {
            // Grows, then shrinks to nothing, then grows again.
            bool grow = random.Next(10) < (i / (steps / 4) % 2 == 0 ? 8 : 2);
            string key = $"/{random.Next(keys):x}";
            if (grow && expected.Add(key))
            {
                tree = tree.Add(new KeyEntry(key));
            }
            else if (!grow && expected.Remove(key))
            {
                tree = tree.Remove(key);
            }

            if (i % 500 == 0)
            {
                string from = $"/{random.Next(keys):x}";
                Assert.True(expected.SequenceEqual(tree.From("").Select(e => e.Key)), $"seed {seed}, step {i}");
                Assert.True(expected.Where(k => string.CompareOrdinal(k, from) >= 0).SequenceEqual(tree.From(from).Select(e => e.Key)), $"seed {seed}, step {i}");
                Assert.Equal(expected.Contains(from), tree.Find(from) is not null);
                Assert.Equal(expected.Count, tree.Count);
            }
        }

        foreach (string key in expected.ToList())
        {
            tree = tree.Remove(key);
        }

        Assert.Empty(tree.From(""));
    }

    [Fact]
    public void Add_LeavesOlderTreesAlone()
    {
        KeyTree before = Enumerable.Range(0, 1000).Aggregate(KeyTree.Empty, (tree, i) => tree.Add(new KeyEntry($"/{i:d4}")));
        string[] keys = [.. before.From("").Select(e => e.Key)];

        KeyTree after = before.Add(new KeyEntry("/0500x")).Remove("/0001");

        Assert.Equal(keys, before.From("").Select(e => e.Key));
        Assert.NotNull(after.Find("/0500x"));
        Assert.Null(after.Find("/0001"));
    }

    [Fact]
    public void Order_IsThatOfUtf8Bytes()
    {
        string[] keys = ["", "a", "ab", "b", "ä", "퟿", "", "～", "\U00010000", "\U0001F600", "\U0001F601", "a\U0001F600", "a～"];
        foreach (string left in keys)
        {
            foreach (string right in keys)
            {
                int bytes = Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right));
                Assert.Equal(Math.Sign(bytes), Math.Sign(KeyOrder.Compare(left, right)));
            }
        }
    }
}
