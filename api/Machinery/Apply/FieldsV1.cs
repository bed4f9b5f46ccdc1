using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;

namespace ControlPlane.Api.Machinery.Apply;

/// <summary>The JSON form of a <see cref="FieldSet"/>: nested objects whose names are path elements; <c>"."</c> marks a node that is
/// itself a member besides having members below.</summary>
public static class FieldsV1
{
    public static JsonObject Encode(FieldSet set) => EncodeNode(set);

    private static JsonObject EncodeNode(FieldSet set)
    {
        if (!set.HasChildren)
            return [];
        var children = set.Children;
        var isMarked = set.IsMember && children.Length > 0;
        // The constructor sizes the object for what it is given; most have one or two fields.
        var fields = new KeyValuePair<string, JsonNode?>[children.Length + (isMarked ? 1 : 0)];
        var next = 0;
        if (isMarked)
            fields[next++] = new(PathElement.Self, new JsonObject());
        foreach (var (element, child) in children)
            fields[next++] = new(element, EncodeNode(child));
        return new JsonObject(fields);
    }

    /// <summary>False when the JSON is no field set.</summary>
    public static bool TryDecode(JsonObject node, [NotNullWhen(true)] out FieldSet? set)
    {
        set = new FieldSet();
        foreach (var (name, value) in node)
        {
            if (value is not JsonObject below)
                return false;
            if (name == PathElement.Self)
            {
                set.Join();
                continue;
            }
            if (PathElement.Normalize(name) is not { } element)
                return false;
            var child = FieldSet.Leaf;
            if (below.Count > 0 && !TryDecode(below, out child))
                return false;
            set.Attach(element, child!);
        }
        return true;
    }

    /// <summary>Whether an encoded set and a set may have a path in common, without decoding: most writes touch few fields, and most managers
    /// own none of them.</summary>
    internal static bool Intersects(JsonObject encoded, FieldSet set)
    {
        foreach (var (element, child) in set.Children)
        {
            if (!encoded.TryGetPropertyValue(element, out var value) || value is not JsonObject below)
                continue;
            var isMember = below.Count == 0 || below.ContainsKey(PathElement.Self);
            // A changed leaf where the encoded set goes deeper is a schema that became atomic: decoding will tell.
            var isDrift = child.IsMember && !child.HasChildren && below.Count > 0;
            if ((isMember && child.IsMember) || isDrift || Intersects(below, child))
                return true;
        }
        return false;
    }
}
