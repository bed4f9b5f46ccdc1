using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;

namespace ControlPlane.Api.Server.Printing;

/// <summary>Events: what happened to which object, and when last.</summary>
internal sealed class EventPrinter : TablePrinter
{
    public override IReadOnlyList<TableColumn> Columns { get; } =
    [
        new("Last Seen"), new("Type"), new("Reason"), new("Object"), new("Subobject", Priority: 1), new("Source", Priority: 1), new("Message"),
        new("First Seen", Priority: 1), new("Count", "integer", 1), new("Name", Priority: 1),
    ];

    public override IEnumerable<JsonNode?> Cells(JsonObject value, DateTimeOffset now)
    {
        var about = value.GetObject("involvedObject");
        var source = value.GetObject("source");
        var series = value.GetObject("series");
        var first = value.GetString("firstTimestamp") ?? value.GetString("eventTime") ?? value.GetObject("metadata")?.GetString("creationTimestamp");
        var last = series?.GetString("lastObservedTime") ?? value.GetString("lastTimestamp") ?? first;
        yield return HumanDuration.Since(last, now);
        yield return value.GetString("type");
        yield return value.GetString("reason");
        yield return $"{about?.GetString("kind")?.ToLowerInvariant()}/{about?.GetString("name")}";
        yield return about?.GetString("fieldPath") ?? "";
        yield return source?.GetString("host") is { Length: > 0 } host
            ? $"{source.GetString("component")}, {host}"
            : source?.GetString("component") ?? value.GetString("reportingComponent") ?? "";
        yield return value.GetString("message")?.Trim();
        yield return HumanDuration.Since(first, now);
        yield return (series?["count"] ?? value["count"])?.DeepClone() ?? 1;
        yield return value.GetObject("metadata")?.GetString("name");
    }
}
