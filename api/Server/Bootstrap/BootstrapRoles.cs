using ControlPlane.Api.Meta;
using ControlPlane.Api.Rbac.V1;
using ControlPlane.Api.Server.Authentication;

namespace ControlPlane.Api.Server.Bootstrap;

/// <summary>The roles every cluster has, and who has them from the start.</summary>
internal static class BootstrapRoles
{
    private const string Platform = "controlplane.dev";
    private static readonly string[] Read = ["get", "list", "watch"];
    private static readonly string[] Write = ["create", "delete", "deletecollection", "patch", "update"];
    private static readonly string[] All = [.. Read, .. Write];
    private static readonly string[] Change = ["get", "patch", "update"];

    /// <summary>The controllers, each with what it needs beside events, leases and discovery.</summary>
    private static readonly Dictionary<string, PolicyRule[]> Controllers = new()
    {
        ["apps"] =
        [
            Rule(Platform, ["apps", "groups"], [.. Read, "patch", "update"]), Rule(Platform, ["apps/status", "apps/finalizers"], Change),
            Rule("", ["pods"], All), Rule("apps", ["controllerrevisions"], All), Rule("", ["nodes", "namespaces"], Read),
        ],
        ["groups"] = [Rule(Platform, ["groups", "apps"], All), Rule(Platform, ["groups/status", "groups/finalizers"], Change), Rule("", ["namespaces", "pods"], Read)],
        ["vips"] =
        [
            Rule(Platform, ["vips"], [.. Read, "patch", "update"]), Rule(Platform, ["vips/status", "vips/finalizers"], Change), Rule(Platform, ["apps"], Read),
            Rule("", ["pods", "nodes", "namespaces"], Read), Rule("discovery.k8s.io", ["endpointslices"], All),
        ],
        ["scheduling"] =
        [
            Rule("", ["pods"], [.. Read, "patch", "update", "delete"]), Rule("", ["pods/binding"], ["create"]), Rule("", ["pods/status"], Change),
            Rule("", ["nodes", "namespaces"], Read), Rule(Platform, ["apps"], Read),
        ],
        ["nodes"] =
        [
            Rule("", ["nodes"], [.. Read, "patch", "update", "delete"]), Rule("", ["nodes/status"], Change), Rule("", ["pods"], [.. Read, "delete", "patch", "update"]),
            Rule("", ["pods/status"], Change), Rule("", ["pods/eviction"], ["create"]), Rule("coordination.k8s.io", ["leases"], [.. Read, "delete"]),
        ],
        ["garbage-collection"] =
        [
            Rule("*", ["*"], [.. Read, "create", "delete", "deletecollection", "patch", "update"]), Rule("", ["namespaces/finalize", "namespaces/status"], ["update", "patch"]),
        ],
    };

    private static readonly PolicyRule[] EveryController =
    [
        Rule("", ["events"], ["create", "patch", "update"]), Rule("coordination.k8s.io", ["leases"], ["get", "list", "watch", "create", "update", "patch", "delete"]),
    ];

    public static IEnumerable<ClusterRole> Roles() =>
    [
        Role("cluster-admin", Rule("*", ["*"], ["*"]), Paths(["*"], ["*"])),
        Role("admin", [.. Edit(), Rule("rbac.authorization.k8s.io", ["roles", "rolebindings"], All)]),
        Role("edit", Edit()),
        Role("view", View()),
        Role("system:discovery", Paths(["get"], ["/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*", "/version", "/version/", "/healthz", "/livez", "/readyz"])),
        Role("system:public-info-viewer", Paths(["get"], ["/healthz", "/livez", "/livez/*", "/readyz", "/readyz/*", "/healthz/*", "/version", "/version/"])),
        Role("system:monitoring", Paths(["get"], ["/metrics", "/healthz", "/livez", "/readyz"])),
        Role("system:basic-user",
            Rule("authorization.k8s.io", ["selfsubjectaccessreviews", "selfsubjectrulesreviews"], ["create"]), Rule("authentication.k8s.io", ["selfsubjectreviews"], ["create"])),
        .. Controllers.Select(c => Role("system:controller:" + c.Key, [.. c.Value, .. EveryController])),
    ];

    public static IEnumerable<ClusterRoleBinding> Bindings() =>
    [
        Bind("cluster-admin", "cluster-admin", Group(UserInfo.MastersGroup)),
        Bind("system:discovery", "system:discovery", Group(UserInfo.AuthenticatedGroup)),
        Bind("system:basic-user", "system:basic-user", Group(UserInfo.AuthenticatedGroup)),
        Bind("system:public-info-viewer", "system:public-info-viewer", Group(UserInfo.AuthenticatedGroup), Group(UserInfo.UnauthenticatedGroup)),
        // The host of several controllers has what all of them have.
        .. Controllers.Keys.Select(c => Bind("system:controller:" + c, "system:controller:" + c, User("system:controller:" + c), User("system:controllers-host"))),
    ];

    private static PolicyRule[] Edit() =>
    [
        Rule(Platform, ["*"], All), Rule("", ["pods", "configmaps", "secrets", "serviceaccounts", "events"], All),
        Rule("", ["pods/log"], ["get"]), Rule("", ["pods/exec", "pods/attach", "pods/portforward", "pods/eviction"], ["create", "get"]),
        Rule("", ["pods/status", "namespaces"], Read), Rule("", ["serviceaccounts/token"], ["create"]),
        Rule("apps", ["controllerrevisions"], Read), Rule("discovery.k8s.io", ["endpointslices"], Read), Rule("coordination.k8s.io", ["leases"], All),
    ];

    /// <summary>Everything but Secrets, which would let a reader become their users.</summary>
    private static PolicyRule[] View() =>
    [
        Rule(Platform, ["*"], Read), Rule("", ["pods", "pods/log", "pods/status", "configmaps", "serviceaccounts", "events", "namespaces"], Read),
        Rule("apps", ["controllerrevisions"], Read), Rule("discovery.k8s.io", ["endpointslices"], Read), Rule("coordination.k8s.io", ["leases"], Read),
    ];

    private static PolicyRule Rule(string group, string[] resources, string[] verbs) => new() { ApiGroups = [group], Resources = resources, Verbs = verbs };

    private static PolicyRule Paths(string[] verbs, string[] paths) => new() { NonResourceUrls = paths, Verbs = verbs };

    private static ClusterRole Role(string name, params PolicyRule[] rules) => new() { Metadata = Meta(name), Rules = rules };

    private static ClusterRoleBinding Bind(string name, string role, params Subject[] subjects) => new()
    {
        Metadata = Meta(name),
        RoleRef = new RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = role },
        Subjects = subjects,
    };

    private static Subject Group(string name) => new() { Kind = "Group", ApiGroup = "rbac.authorization.k8s.io", Name = name };

    private static Subject User(string name) => new() { Kind = "User", ApiGroup = "rbac.authorization.k8s.io", Name = name };

    private static ObjectMeta Meta(string name) => new()
    {
        Name = name,
        Labels = new Dictionary<string, string> { ["kubernetes.io/bootstrapping"] = "rbac-defaults" },
        Annotations = new Dictionary<string, string> { ["rbac.authorization.kubernetes.io/autoupdate"] = "true" },
    };
}
