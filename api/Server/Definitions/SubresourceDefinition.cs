using ControlPlane.Api.Server.Rest;

namespace ControlPlane.Api.Server.Definitions;

/// <summary>A part of an object, or an action on it, with a path of its own below the object's.</summary>
/// <param name="Name">Last segment of the path.</param>
/// <param name="ResponseKind">What discovery says it takes and gives.</param>
/// <param name="Verbs">What discovery says can be done.</param>
internal sealed record SubresourceDefinition(string Name, GroupVersionKind ResponseKind, IReadOnlyList<string> Verbs)
{
    /// <summary>Serves the subresource. Null: the verb handlers do, as for status.</summary>
    public ISubresourceHandler? Handler { get; init; }
}
