namespace ControlPlane.Api.Server.Registry.Strategies;

/// <summary>Which strategy a kind has.</summary>
internal static class StrategyCatalog
{
    private static readonly Dictionary<(string Group, string Kind), ResourceStrategy> Strategies = new()
    {
        [("", "Namespace")] = new NamespaceStrategy(),
        [("", "Pod")] = new PodStrategy(),
        [("", "Node")] = new CoreStrategy(),
        [("", "Secret")] = new SecretStrategy(),
        [("", "ConfigMap")] = new ConfigMapStrategy(),
        [("", "Event")] = new EventStrategy(),
        [("", "ServiceAccount")] = new CoreStrategy(),
        [("coordination.k8s.io", "Lease")] = new LeaseStrategy(),
        [("discovery.k8s.io", "EndpointSlice")] = new CoreStrategy(hasGeneration: true),
        [("apps", "ControllerRevision")] = new CoreStrategy(),
        [("controlplane.dev", "App")] = new AppStrategy(),
        [("controlplane.dev", "Group")] = new GroupStrategy(),
        [("controlplane.dev", "VIP")] = new VipStrategy(),
        [("rbac.authorization.k8s.io", "Role")] = new RoleStrategy(),
        [("rbac.authorization.k8s.io", "ClusterRole")] = new RoleStrategy(),
        [("rbac.authorization.k8s.io", "RoleBinding")] = new RoleStrategy(),
        [("rbac.authorization.k8s.io", "ClusterRoleBinding")] = new RoleStrategy(),
    };

    public static ResourceStrategy For(string group, string kind) => Strategies.GetValueOrDefault((group, kind), ResourceStrategy.Default);
}
