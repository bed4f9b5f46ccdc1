namespace ControlPlane.Api.Server.Registry.Strategies;

/// <summary>Kinds in the Kubernetes shape.</summary>
internal class CoreStrategy(bool hasGeneration = false) : ResourceStrategy
{
    public override bool ListItemsNameTheirKind => false;

    public override bool HasGeneration => hasGeneration;
}
