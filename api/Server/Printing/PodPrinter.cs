using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;

namespace ControlPlane.Api.Server.Printing;

/// <summary>Pods: the one word that says how a pod is doing, as every kubectl user expects it.</summary>
internal sealed class PodPrinter : TablePrinter
{
    private const string None = "<none>";

    public override IReadOnlyList<TableColumn> Columns { get; } =
    [
        ColumnPrinter.NameColumn, new("Ready"), new("Status"), new("Restarts"), ColumnPrinter.AgeColumn, new("IP", Priority: 1), new("Node", Priority: 1),
        new("Nominated Node", Priority: 1), new("Readiness Gates", Priority: 1),
    ];

    public override IEnumerable<JsonNode?> Cells(JsonObject value, DateTimeOffset now)
    {
        var metadata = value.GetObject("metadata")!;
        var spec = value.GetObject("spec");
        var status = value.GetObject("status");
        var summary = PodSummary.Of(metadata, spec, status, now);
        yield return metadata.GetString("name");
        yield return $"{summary.Ready}/{spec?.GetArray("containers")?.Count ?? 0}";
        yield return summary.Reason;
        yield return summary.Restarts;
        yield return HumanDuration.Since(metadata.GetString("creationTimestamp"), now);
        yield return OrNone(status?.GetString("podIP"));
        yield return OrNone(spec?.GetString("nodeName"));
        yield return OrNone(status?.GetString("nominatedNodeName"));
        yield return None;
    }

    private static string OrNone(string? text) => string.IsNullOrEmpty(text) ? None : text;
}
