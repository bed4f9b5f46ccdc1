using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Apply;
using ControlPlane.Api.Machinery.Json;
using Xunit;

namespace ControlPlane.Api.Tests.Machinery.Apply;

/// <summary>Random writers on one object: what must hold whatever they do.</summary>
public class ApplyPropertyTests
{
    private static readonly string[] Names = ["a", "b", "c", "d"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Writes_OfAnyKind_KeepTheInvariants(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 60; round++)
        {
            var world = new ApplyWorld();
            for (var step = 0; step < 12; step++)
            {
                var manager = Names[random.Next(3)];
                var body = RandomConfiguration(random).ToJsonString();
                if (random.Next(3) == 0 && world.Live is not null)
                    world.Update(manager, body);
                else
                    CheckApply(world, manager, body, force: random.Next(2) == 0);
                CheckOwnersExist(world);
                CheckNoEmptyEntries(world);
            }
        }
    }

    /// <summary>The tracked difference of two states is what a comparison of their flattened paths says.</summary>
    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    [InlineData(23)]
    public void Update_OfAnyKind_MovesExactlyTheChangedPaths(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 300; round++)
        {
            var (before, after) = (RandomConfiguration(random), RandomConfiguration(random));
            var world = new ApplyWorld();
            world.Update("first", before.ToJsonString());
            world.Update("second", after.ToJsonString());

            var (old, updated) = (FlatPaths.Of(before), FlatPaths.Of(after));
            var changed = updated.Where(path => !old.TryGetValue(path.Key, out var value) || value != path.Value).Select(path => path.Key).ToHashSet();
            var kept = old.Keys.Where(path => updated.ContainsKey(path) && !changed.Contains(path));
            Assert.Equal(kept.Order(StringComparer.Ordinal), OwnedBy(world, "first"));
            Assert.Equal(changed.Order(StringComparer.Ordinal), OwnedBy(world, "second"));
        }
    }

    /// <summary>Merging lists keeps both orders: the applied one, and that of items only the object has.</summary>
    [Fact]
    public void Apply_OfLists_KeepsBothOrders()
    {
        var random = new Random(31);
        for (var round = 0; round < 500; round++)
        {
            var (live, applied) = (Some(random).ToArray(), Some(random).ToArray());
            var world = new ApplyWorld();
            world.Apply("A", Tags(live));
            world.Apply("B", Tags(applied));
            var merged = (world.Spec!["tags"]?.AsArray() ?? []).Select(tag => tag!.GetValue<string>()).ToArray();
            Assert.Equal(applied, merged.Where(applied.Contains));
            Assert.Equal(live.Except(applied), merged.Except(applied));
            Assert.Equal(merged.Length, merged.Distinct().Count());
        }

        static string Tags(IEnumerable<string> tags) =>
            new JsonObject { ["spec"] = new JsonObject { ["tags"] = new JsonArray([.. tags.Select(tag => (JsonNode)tag)]) } }.ToJsonString();
    }

    private static IEnumerable<string> OwnedBy(ApplyWorld world, string manager)
    {
        if (world.Entries().SingleOrDefault(entry => entry.GetString("manager") == manager) is not { } entry)
            return [];
        Assert.True(FieldsV1.TryDecode(entry.GetObject("fieldsV1")!, out var set));
        return set.Paths().Select(path => path.ToString()).Order(StringComparer.Ordinal);
    }

    private static void CheckApply(ApplyWorld world, string manager, string body, bool force)
    {
        var outcome = world.TryApply(manager, body, force);
        if (outcome is ApplyOutcome.Conflicted conflicted)
        {
            Assert.False(force);
            Assert.All(conflicted.Conflicts, conflict => Assert.False(conflict.IsApply && conflict.Manager.Name == manager));
            return;
        }
        world.Live = Assert.IsType<ApplyOutcome.Applied>(outcome).Object;

        // What was applied is there, and this manager owns exactly it.
        AssertContains(world.Live["spec"], Trees.Object(body)["spec"]);
        var own = world.Entries().SingleOrDefault(entry => entry.GetString("manager") == manager && entry.GetString("operation") == "Apply");
        Assert.True(own is not null || Trees.Object(body)["spec"] is JsonObject { Count: 0 });

        // Applying it again is no change, whether forced or not.
        var again = Assert.IsType<ApplyOutcome.Applied>(world.TryApply(manager, body)).Object;
        Trees.AssertSame(world.Live.ToJsonString(), again);

        // A dry look by a newcomer that wants the same gets shared ownership without conflict.
        var shared = Assert.IsType<ApplyOutcome.Applied>(world.TryApply("newcomer", body)).Object;
        Trees.AssertSame(world.Live["spec"]?.ToJsonString() ?? "null", shared["spec"]);
    }

    /// <summary>Every owned path leads to something in the object.</summary>
    private static void CheckOwnersExist(ApplyWorld world)
    {
        var everything = new ApplyWorld { Live = (JsonObject)world.Live!.DeepClone() };
        everything.Live!["metadata"]!.AsObject().Remove("managedFields");
        var paths = ExistingPaths(everything.Live);
        foreach (var entry in world.Entries())
        {
            Assert.True(FieldsV1.TryDecode(entry.GetObject("fieldsV1")!, out var set));
            var missing = FieldSet.Difference(set, paths);
            Assert.True(missing.IsEmpty, $"{entry.GetString("manager")} owns {string.Join(' ', missing.Paths())} of {everything.Live.ToJsonString()}");
        }
    }

    private static FieldSet ExistingPaths(JsonObject root)
    {
        var created = (JsonObject)root.DeepClone();
        ManagedFieldsUpdater.Update(null, created, new FieldManager("all", ApplyWorld.Version), ApplyWorld.Schema, default);
        return ManagedFieldsOf(created);
    }

    private static FieldSet ManagedFieldsOf(JsonObject root)
    {
        if (root["metadata"]?["managedFields"] is not JsonArray { Count: > 0 } entries)
            return new FieldSet();
        Assert.True(FieldsV1.TryDecode(entries[0]!["fieldsV1"]!.AsObject(), out var set));
        return set;
    }

    private static void CheckNoEmptyEntries(ApplyWorld world) =>
        Assert.All(world.Entries(), entry => Assert.NotEmpty(entry.GetObject("fieldsV1")!));

    private static void AssertContains(JsonNode? actual, JsonNode? expected)
    {
        switch (expected)
        {
            case JsonObject fields:
                foreach (var (name, value) in fields)
                    AssertContains(actual!.AsObject()[name], value);
                break;
            case JsonArray items when items.All(item => item is JsonObject):
                foreach (var item in items)
                    AssertContains(actual!.AsArray().Single(other => other!["name"]!.GetValue<string>() == item!["name"]!.GetValue<string>()), item);
                break;
            case JsonArray items when actual!.AsArray().Count != items.Count:
                Assert.All(items, item => Assert.Contains(actual.AsArray(), other => JsonTree.DeepEquals(item, other)));
                break;
            case JsonArray:
                break;
            default:
                Assert.True(JsonTree.DeepEquals(expected, actual), $"expected {expected?.ToJsonString()} in {actual?.ToJsonString()}");
                break;
        }
    }

    private static JsonObject RandomConfiguration(Random random)
    {
        var spec = new JsonObject();
        foreach (var field in (string[])["image", "color"])
        {
            if (random.Next(2) == 0)
                spec[field] = Names[random.Next(2)];
        }
        if (random.Next(2) == 0)
            spec["replicas"] = (long)random.Next(2);
        if (random.Next(2) == 0)
            spec["tags"] = new JsonArray([.. Some(random).Select(name => (JsonNode)name)]);
        if (random.Next(3) == 0)
            spec["args"] = new JsonArray([.. Some(random).Select(name => (JsonNode)name)]);
        if (random.Next(2) == 0)
            spec["containers"] = new JsonArray([.. Some(random).Select(name => RandomContainer(random, name))]);
        if (random.Next(3) == 0)
            spec["strategy"] = new JsonObject { ["type"] = Names[random.Next(2)] };
        if (random.Next(3) == 0)
            spec["any"] = new JsonObject { [Names[random.Next(2)]] = new JsonObject { [Names[random.Next(2)]] = 1L } };
        return new JsonObject { ["spec"] = spec };
    }

    private static JsonObject RandomContainer(Random random, string name)
    {
        var container = new JsonObject { ["name"] = name };
        if (random.Next(2) == 0)
            container["image"] = Names[random.Next(2)];
        if (random.Next(2) == 0)
            container["env"] = new JsonObject { [Names[random.Next(3)]] = Names[random.Next(2)] };
        return container;
    }

    private static IEnumerable<string> Some(Random random)
    {
        var chosen = Names.Where(_ => random.Next(2) == 0).ToArray();
        random.Shuffle(chosen);
        return chosen;
    }
}
