using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Server.Definitions;

namespace ControlPlane.Api.Server.Printing;

/// <summary>A kind's declared columns; without any, its age.</summary>
internal sealed class ColumnPrinter : TablePrinter
{
    private readonly (PrinterColumn Column, SimplePath Path)[] _columns;

    public ColumnPrinter(ResourceDefinition definition)
    {
        var declared = definition.Columns.Count > 0 ? definition.Columns : [new PrinterColumn("Age", "date", ".metadata.creationTimestamp", 0)];
        _columns = [.. declared.Select(c => (c, SimplePath.Parse(c.JsonPath)))];
        Columns = [NameColumn, .. declared.Select(c => new TableColumn(c.Name, c.Type, c.Priority, "Column: " + c.JsonPath))];
    }

    public static TableColumn NameColumn { get; } = new("Name", Description: "Name, unique in its namespace and kind.");

    public static TableColumn AgeColumn { get; } = new("Age", Description: "Time since the object was created.");

    public override IReadOnlyList<TableColumn> Columns { get; }

    public override IEnumerable<JsonNode?> Cells(JsonObject value, DateTimeOffset now)
    {
        yield return value.GetObject("metadata")?.GetString("name");
        foreach (var (column, path) in _columns)
            yield return Cell(column.Type, path.Find(value), now);
    }

    private static JsonNode? Cell(string type, IReadOnlyList<JsonNode> found, DateTimeOffset now)
    {
        if (found.Count == 0)
            return null;
        if (type == "string" && found.Count > 1)
            return string.Join(",", found.Select(Text));
        var first = found[0];
        return type switch
        {
            "date" => HumanDuration.Since(JsonTree.AsString(first), now),
            "integer" => JsonNumbers.TryGetInt64(first, out var integer) ? integer : null,
            "number" => JsonNumbers.TryGetDouble(first, out var number) ? JsonNumbers.FromDouble(number) : null,
            "boolean" => first is JsonValue flag && flag.TryGetValue(out bool truth) ? truth : null,
            _ => Text(first),
        };
    }

    private static string Text(JsonNode node) => JsonTree.AsString(node) ?? node.ToJsonString();
}
