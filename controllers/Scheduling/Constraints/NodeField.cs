using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Platform.V1;

namespace ControlPlane.Controllers.Scheduling.Constraints;

/// <summary>The properties of a node that constraints are about.</summary>
internal static class NodeField
{
    /// <summary>The value of a field, or <c>null</c> when the node has none.</summary>
    public static string? Of(Node node, string field) => field switch
    {
        "@hostname" or "hostname" => node.Metadata.Labels.GetValueOrDefault(WellKnownLabels.Hostname, node.Metadata.Name!),
        "@region" => node.Metadata.Labels.GetValueOrDefault(WellKnownLabels.Region),
        "@zone" => node.Metadata.Labels.GetValueOrDefault(WellKnownLabels.Zone),
        _ => node.Metadata.Labels.GetValueOrDefault(field),
    };
}
