using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Schema;

namespace ControlPlane.Api.Machinery.Apply;

/// <summary>The way from client-side to server-side apply. Client-side apply keeps its last configuration in an annotation and writes
/// under another manager name; without a bridge, the first server-side apply would conflict with the user's own values and could never
/// remove a field again.</summary>
internal static class LastApplied
{
    private const string Annotation = "kubectl.kubernetes.io/last-applied-configuration";
    private const string ServerSideManager = "kubectl";
    private const string ClientSideManager = "kubectl-client-side-apply";

    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The fields that client-side apply set and nobody changed since: they count as applied by this manager. Null when there is
    /// nothing to bridge.</summary>
    public static FieldSet? Bridge(JsonObject live, ManagedFields managed, FieldManager manager, ResourceSchema schema)
    {
        if (manager.Name != ServerSideManager || manager.Subresource.Length > 0 || TextOf(live) is not { } text)
            return null;
        if (Parse(text) is not { } configuration || configuration.GetString("apiVersion") != manager.ApiVersion)
            return null;
        configuration.GetObject("metadata")?.Remove("managedFields");
        Canonicalizer.Apply(configuration, schema);
        var fields = AppliedFields.Of(configuration, schema);
        var delta = FieldDelta.Between(configuration, live, schema);
        var unchanged = FieldSet.Difference(FieldSet.Difference(fields.Set, delta.Changed), delta.Removed);
        if (managed.EntryOf(new FieldManager(ClientSideManager, manager.ApiVersion), isApply: false) is { } clientSide)
            managed.Replace(clientSide, clientSide.With(FieldSet.Difference(clientSide.Fields, unchanged), clientSide.Time));
        return unchanged;
    }

    /// <summary>Keeps the annotation, where there is one, in step with what was applied, so that going back to client-side works too.</summary>
    public static void Rewrite(JsonObject merged, JsonObject applied, FieldManager manager)
    {
        if (manager.Name != ServerSideManager || manager.Subresource.Length > 0 || TextOf(merged) is null)
            return;
        var configuration = (JsonObject)applied.DeepClone();
        configuration.GetObject("metadata")?.GetObject("annotations")?.Remove(Annotation);
        merged.GetObject("metadata")!.GetObject("annotations")![Annotation] = configuration.ToJsonString(Compact) + "\n";
    }

    private static string? TextOf(JsonObject root) => root.GetObject("metadata")?.GetObject("annotations")?.GetString(Annotation);

    private static JsonObject? Parse(string text)
    {
        try
        {
            return StrictJson.Parse(Encoding.UTF8.GetBytes(text)).Root as JsonObject;
        }
        catch (DecodeException)
        {
            // Users can write anything into an annotation; then there is simply no last configuration.
            return null;
        }
    }
}
