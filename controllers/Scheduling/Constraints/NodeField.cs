using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Platform.V1;

namespace ControlPlane.Controllers.Scheduling.Constraints;

/// <summary>The properties of a node that constraints are about.</summary>
internal static class NodeField
{
    /// <summary>The value of a field, or <c>null</c> when the node has none.</summary>
    public static string? Of(Node node, string field)
    {
        var label = PlacementFields.LabelOf(field);
        return node.Metadata.Labels.TryGetValue(label, out var value) ? value : label == WellKnownLabels.Hostname ? node.Metadata.Name : null;
    }
}
