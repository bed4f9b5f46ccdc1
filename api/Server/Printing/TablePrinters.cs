using System.Runtime.CompilerServices;
using ControlPlane.Api.Server.Definitions;

namespace ControlPlane.Api.Server.Printing;

/// <summary>Picks a kind's printer: one of its own where columns are computed, else its declared columns.</summary>
internal static class TablePrinters
{
    private static readonly ConditionalWeakTable<ResourceDefinition, TablePrinter> Known = [];

    public static TablePrinter For(ResourceDefinition definition) => Known.GetValue(definition, Make);

    private static TablePrinter Make(ResourceDefinition definition) => (definition.Group, definition.Kind) switch
    {
        ("", "Pod") => new PodPrinter(),
        ("", "Node") => new NodePrinter(),
        ("", "Event") => new EventPrinter(),
        ("", "ConfigMap") => new DataPrinter("data", "binaryData"),
        ("", "Secret") => new DataPrinter("data") { TypeColumn = true },
        ("rbac.authorization.k8s.io", "RoleBinding" or "ClusterRoleBinding") => new BindingPrinter(),
        _ => new ColumnPrinter(definition),
    };
}
