using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;

namespace ControlPlane.Api.Server.Printing;

/// <summary>Nodes: whether they are ready and what they run.</summary>
internal sealed class NodePrinter : TablePrinter
{
    private const string RolePrefix = "node-role.kubernetes.io/";
    private const string None = "<none>";

    public override IReadOnlyList<TableColumn> Columns { get; } =
    [
        ColumnPrinter.NameColumn, new("Status"), new("Roles"), ColumnPrinter.AgeColumn, new("Version"), new("Internal-IP", Priority: 1),
        new("External-IP", Priority: 1), new("OS-Image", Priority: 1), new("Kernel-Version", Priority: 1), new("Container-Runtime", Priority: 1),
    ];

    public override IEnumerable<JsonNode?> Cells(JsonObject value, DateTimeOffset now)
    {
        var metadata = value.GetObject("metadata")!;
        var status = value.GetObject("status");
        var info = status?.GetObject("nodeInfo");
        yield return metadata.GetString("name");
        yield return StatusOf(value, status);
        yield return RolesOf(metadata.GetObject("labels"));
        yield return HumanDuration.Since(metadata.GetString("creationTimestamp"), now);
        yield return info?.GetString("kubeletVersion") ?? "";
        yield return AddressOf(status, "InternalIP");
        yield return AddressOf(status, "ExternalIP");
        yield return info?.GetString("osImage") ?? "<unknown>";
        yield return info?.GetString("kernelVersion") ?? "<unknown>";
        yield return info?.GetString("containerRuntimeVersion") ?? "<unknown>";
    }

    private static string StatusOf(JsonObject node, JsonObject? status)
    {
        var ready = status?.GetArray("conditions")?.OfType<JsonObject>().FirstOrDefault(c => c.GetString("type") == "Ready")?.GetString("status");
        var text = ready switch { "True" => "Ready", null => "Unknown", _ => "NotReady" };
        var cordoned = node.GetObject("spec")?["unschedulable"] is JsonValue flag && flag.TryGetValue(out bool off) && off;
        return cordoned ? text + ",SchedulingDisabled" : text;
    }

    private static string RolesOf(JsonObject? labels)
    {
        var roles = labels?.Select(l => l.Key).Where(k => k.StartsWith(RolePrefix, StringComparison.Ordinal) && k.Length > RolePrefix.Length)
            .Select(k => k[RolePrefix.Length..]).Order(StringComparer.Ordinal).ToArray() ?? [];
        return roles.Length == 0 ? None : string.Join(",", roles);
    }

    private static string AddressOf(JsonObject? status, string type) =>
        status?.GetArray("addresses")?.OfType<JsonObject>().FirstOrDefault(a => a.GetString("type") == type)?.GetString("address") ?? None;
}
