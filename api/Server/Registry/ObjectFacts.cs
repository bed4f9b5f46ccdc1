using System.Text.Json;
using ControlPlane.Api.Server.Definitions;

namespace ControlPlane.Api.Server.Registry;

/// <summary>The few strings of an object that selectors compare.</summary>
/// <param name="Labels">Labels; null = none.</param>
/// <param name="Fields">Values of the kind's selectable fields by selector path; an absent one is missing.</param>
internal sealed record ObjectFacts(IReadOnlyDictionary<string, string>? Labels, IReadOnlyDictionary<string, string> Fields);

/// <summary>Reads the facts of one kind's objects from their bytes, skipping everything else.</summary>
internal sealed class FactReader
{
    private readonly Node _root = new("");

    public FactReader(IEnumerable<SelectableField> fields)
    {
        var labels = _root.Child("metadata").Child("labels");
        labels.IsLabels = true;
        foreach (var field in fields)
        {
            var node = _root;
            foreach (var segment in field.ValuePath.Split('.'))
                node = node.Child(segment);
            node.Selector = field.Path;
        }
    }

    public ObjectFacts Read(ReadOnlySpan<byte> json)
    {
        var found = new Found();
        var reader = new Utf8JsonReader(json);
        reader.Read();
        Walk(ref reader, _root, found);
        return new ObjectFacts(found.Labels, found.Fields);
    }

    private static void Walk(ref Utf8JsonReader reader, Node node, Found found)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var child = Match(ref reader, node);
            reader.Read();
            if (child is null)
                reader.Skip();
            else if (reader.TokenType == JsonTokenType.StartObject && child.IsLabels)
                found.Labels = ReadLabels(ref reader);
            else if (reader.TokenType == JsonTokenType.StartObject && child.Children.Count > 0)
                Walk(ref reader, child, found);
            else if (child.Selector is { } selector && ScalarText(ref reader) is { } text)
                found.Fields[selector] = text;
            else
                reader.Skip();
        }
    }

    private static Node? Match(ref Utf8JsonReader reader, Node node)
    {
        foreach (var child in node.Children)
        {
            if (reader.ValueTextEquals(child.Name))
                return child;
        }
        return null;
    }

    private static Dictionary<string, string> ReadLabels(ref Utf8JsonReader reader)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            labels[key] = reader.GetString() ?? "";
        }
        return labels;
    }

    private static string? ScalarText(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString(),
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        JsonTokenType.Number => System.Text.Encoding.UTF8.GetString(reader.ValueSpan),
        _ => null,
    };

    private sealed class Found
    {
        public Dictionary<string, string>? Labels { get; set; }
        public Dictionary<string, string> Fields { get; } = new(StringComparer.Ordinal);
    }

    private sealed class Node(string name)
    {
        public string Name => name;
        public List<Node> Children { get; } = [];
        public bool IsLabels { get; set; }
        public string? Selector { get; set; }

        public Node Child(string segment)
        {
            var child = Children.Find(c => c.Name == segment);
            if (child is null)
                Children.Add(child = new Node(segment));
            return child;
        }
    }
}
