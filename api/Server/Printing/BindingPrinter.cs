using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;

namespace ControlPlane.Api.Server.Printing;

/// <summary>Role bindings: which role goes to whom.</summary>
internal sealed class BindingPrinter : TablePrinter
{
    public override IReadOnlyList<TableColumn> Columns { get; } =
    [
        ColumnPrinter.NameColumn, new("Role"), ColumnPrinter.AgeColumn, new("Users", Priority: 1), new("Groups", Priority: 1), new("ServiceAccounts", Priority: 1),
    ];

    public override IEnumerable<JsonNode?> Cells(JsonObject value, DateTimeOffset now)
    {
        var metadata = value.GetObject("metadata")!;
        var role = value.GetObject("roleRef");
        yield return metadata.GetString("name");
        yield return $"{role?.GetString("kind")}/{role?.GetString("name")}";
        yield return HumanDuration.Since(metadata.GetString("creationTimestamp"), now);
        var subjects = value.GetArray("subjects")?.OfType<JsonObject>().ToArray() ?? [];
        yield return Names(subjects, "User");
        yield return Names(subjects, "Group");
        yield return string.Join(", ", subjects.Where(s => s.GetString("kind") == "ServiceAccount").Select(s => $"{s.GetString("namespace")}/{s.GetString("name")}"));
    }

    private static string Names(JsonObject[] subjects, string kind) => string.Join(", ", subjects.Where(s => s.GetString("kind") == kind).Select(s => s.GetString("name")));
}
