using ControlPlane.Api.Machinery.Validation;

namespace ControlPlane.Api.Server.Registry.Strategies;

/// <summary>Roles and bindings: names such as <c>system:controller:apps</c>.</summary>
internal sealed class RoleStrategy : CoreStrategy
{
    public override NameRule NameRule => NameRule.PathSegment;
}
