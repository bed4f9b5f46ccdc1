using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;

namespace ControlPlane.Api.Server.Printing;

/// <summary>ConfigMaps and Secrets: how many values they hold.</summary>
internal sealed class DataPrinter(params string[] fields) : TablePrinter
{
    public bool TypeColumn { get; init; }

    public override IReadOnlyList<TableColumn> Columns => field ??= TypeColumn
        ? [ColumnPrinter.NameColumn, new("Type"), new("Data"), ColumnPrinter.AgeColumn]
        : [ColumnPrinter.NameColumn, new("Data"), ColumnPrinter.AgeColumn];

    public override IEnumerable<JsonNode?> Cells(JsonObject value, DateTimeOffset now)
    {
        var metadata = value.GetObject("metadata")!;
        yield return metadata.GetString("name");
        if (TypeColumn)
            yield return value.GetString("type");
        yield return fields.Sum(f => value.GetObject(f)?.Count ?? 0);
        yield return HumanDuration.Since(metadata.GetString("creationTimestamp"), now);
    }
}
