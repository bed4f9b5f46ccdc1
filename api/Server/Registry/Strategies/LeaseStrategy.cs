namespace ControlPlane.Api.Server.Registry.Strategies;

/// <summary>A lease decides who leads: an update must say what it has seen.</summary>
internal sealed class LeaseStrategy : CoreStrategy
{
    public override bool AllowsUnconditionalUpdate => false;
}
