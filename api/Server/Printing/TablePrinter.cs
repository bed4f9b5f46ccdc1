using System.Text.Json.Nodes;

namespace ControlPlane.Api.Server.Printing;

/// <summary>How a kind looks as a table.</summary>
internal abstract class TablePrinter
{
    public abstract IReadOnlyList<TableColumn> Columns { get; }

    /// <summary>One cell per column. Ages are text, computed at <paramref name="now"/>.</summary>
    public abstract IEnumerable<JsonNode?> Cells(JsonObject value, DateTimeOffset now);
}

/// <summary>A column of a table.</summary>
internal sealed record TableColumn(string Name, string Type = "string", int Priority = 0, string Description = "");
