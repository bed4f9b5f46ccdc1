namespace ControlPlane.Api.Server.Registry.Strategies;

/// <summary>Our own kinds.</summary>
internal class PlatformStrategy : ResourceStrategy
{
    public override bool HasGeneration => true;
}
