using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Schema;

namespace ControlPlane.Api.Machinery.Apply;

/// <summary>What differs between two states of an object: paths that are new or have another value, and paths that are gone. Equal
/// subtrees cost no allocation, so comparing an unchanged object is one walk.</summary>
internal readonly record struct FieldDelta(FieldSet? ChangedOrNull, FieldSet? RemovedOrNull)
{
    private static readonly FieldSet Nothing = new();

    public FieldSet Changed => ChangedOrNull ?? Nothing;

    public FieldSet Removed => RemovedOrNull ?? Nothing;

    public bool IsEmpty => ChangedOrNull is null && RemovedOrNull is null;

    public static FieldDelta Between(JsonObject live, JsonObject updated, ResourceSchema schema)
    {
        var delta = new Builder();
        foreach (var (name, value) in live)
        {
            if (!Tracking.IsUntrackedRoot(name))
                delta.Add(PathElement.Field(name), CompareRootField(name, value, updated, schema));
        }
        foreach (var (name, value) in updated)
        {
            if (Tracking.IsUntrackedRoot(name) || live.ContainsKey(name))
                continue;
            if (name == "metadata" && value is JsonObject metadata)
                delta.Add("f:metadata", CompareMetadata([], metadata, schema.Field(name)));
            else
                delta.Add(PathElement.Field(name), Appeared(value, schema.Field(name)));
        }
        return delta.Result;
    }

    private static FieldDelta CompareRootField(string name, JsonNode? value, JsonObject updated, ResourceSchema schema)
    {
        var field = schema.Field(name);
        var exists = updated.TryGetPropertyValue(name, out var other);
        if (name == "metadata" && value is JsonObject metadata)
            return CompareMetadata(metadata, other as JsonObject ?? [], field);
        return exists ? Compare(value, other, field) : Disappeared(value, field);
    }

    private static FieldDelta CompareMetadata(JsonObject live, JsonObject updated, ResourceSchema? schema)
    {
        var delta = new Builder();
        foreach (var (name, value) in live)
        {
            if (!Tracking.IsUntrackedMetadata(name))
                delta.Add(PathElement.Field(name), CompareField(name, value, updated, schema));
        }
        foreach (var (name, value) in updated)
        {
            if (!Tracking.IsUntrackedMetadata(name) && !live.ContainsKey(name))
                delta.Add(PathElement.Field(name), Appeared(value, schema?.Field(name)));
        }
        return delta.Result;
    }

    private static FieldDelta CompareField(string name, JsonNode? value, JsonObject updated, ResourceSchema? schema)
    {
        var field = schema?.Field(name);
        return updated.TryGetPropertyValue(name, out var other) ? Compare(value, other, field) : Disappeared(value, field);
    }

    private static FieldDelta Compare(JsonNode? live, JsonNode? updated, ResourceSchema? schema)
    {
        var before = Tracking.ShapeOf(live, schema);
        var after = Tracking.ShapeOf(updated, schema);
        if (before == TrackedShape.Fields && after == TrackedShape.Fields)
            return CompareFields((JsonObject)live!, (JsonObject)updated!, schema);
        if (before == TrackedShape.Items && after == TrackedShape.Items)
            return CompareItems((JsonArray)live!, (JsonArray)updated!, schema!);
        if (before == TrackedShape.Leaf && after == TrackedShape.Leaf)
            return JsonTree.DeepEquals(live, updated) ? default : new FieldDelta(FieldSet.Leaf, null);
        return new FieldDelta(AllPaths(updated, schema), before == TrackedShape.Leaf ? null : BelowOnly(AllPaths(live, schema)));
    }

    private static FieldDelta CompareFields(JsonObject live, JsonObject updated, ResourceSchema? schema)
    {
        var delta = new Builder();
        foreach (var (name, value) in live)
        {
            var difference = CompareField(name, value, updated, schema);
            if (!difference.IsEmpty)
                delta.Add(PathElement.Field(name), difference);
        }
        foreach (var (name, value) in updated)
        {
            if (!live.ContainsKey(name))
                delta.Add(PathElement.Field(name), Appeared(value, schema?.Field(name)));
        }
        return delta.Result;
    }

    private static FieldDelta CompareItems(JsonArray live, JsonArray updated, ResourceSchema schema)
    {
        // The usual case, nothing changed, needs no index.
        if (JsonTree.DeepEquals(live, updated))
            return default;
        var before = ItemIndex.Of(live, schema);
        var after = ItemIndex.Of(updated, schema);
        var delta = new Builder();
        foreach (var (element, items) in before.Items)
        {
            if (!after.Items.TryGetValue(element, out var others))
                delta.Add(element, Disappeared(items[0], schema.Items));
            else if (items.Count == 1 && others.Count == 1)
                delta.Add(element, Compare(items[0], others[0], schema.Items));
            else if (!items.SequenceEqual(others, JsonTreeComparer.Instance))
                delta.Add(element, Appeared(others[^1], schema.Items));
        }
        foreach (var (element, items) in after.Items)
        {
            if (!before.Items.ContainsKey(element))
                delta.Add(element, Appeared(items[^1], schema.Items));
        }
        return delta.Result;
    }

    private static FieldDelta Appeared(JsonNode? value, ResourceSchema? schema) => new(AllPaths(value, schema), null);

    private static FieldDelta Disappeared(JsonNode? value, ResourceSchema? schema) => new(null, AllPaths(value, schema));

    /// <summary>A value's own path and every path below it.</summary>
    private static FieldSet AllPaths(JsonNode? value, ResourceSchema? schema)
    {
        var set = new FieldSet();
        set.Join();
        switch (Tracking.ShapeOf(value, schema))
        {
            case TrackedShape.Leaf:
                return FieldSet.Leaf;
            case TrackedShape.Fields:
                foreach (var (name, child) in (JsonObject)value!)
                    set.Attach(PathElement.Field(name), AllPaths(child, schema?.Field(name)));
                break;
            case TrackedShape.Items:
                foreach (var item in (JsonArray)value!)
                {
                    if (PathElement.Item(item, schema!) is { } element)
                        set.Attach(element, AllPaths(item, schema!.Items));
                }
                break;
        }
        return set;
    }

    private static FieldSet? BelowOnly(FieldSet set)
    {
        var below = new FieldSet();
        foreach (var (element, child) in set.Children)
            below.Attach(element, child);
        return below.IsEmpty ? null : below;
    }

    private struct Builder
    {
        private FieldSet? _changed;
        private FieldSet? _removed;

        public readonly FieldDelta Result => new(_changed, _removed);

        public void Add(string element, FieldDelta difference)
        {
            if (difference.ChangedOrNull is { } changed)
                (_changed ??= new()).Attach(element, changed);
            if (difference.RemovedOrNull is { } removed)
                (_removed ??= new()).Attach(element, removed);
        }
    }
}
