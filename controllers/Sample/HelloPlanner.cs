using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;

namespace ControlPlane.Controllers.Sample;

internal static class HelloPlanner
{
    public static string NameFor(string @namespace) => @namespace + "-hello";

    /// <returns>What should be there; <c>null</c> for nothing.</returns>
    public static ConfigMap? Plan(Namespace @namespace, string greeting) => !@namespace.Metadata.Labels.ContainsKey("hello")
        ? null
        : new ConfigMap
        {
            Metadata = new ObjectMeta
            {
                Name = NameFor(@namespace.Metadata.Name!),
                Namespace = @namespace.Metadata.Name,
                OwnerReferences = [@namespace.AsController()],
            },
            Data = new Dictionary<string, string> { ["text"] = $"{greeting}, {@namespace.Metadata.Name}" },
        };
}
