using ControlPlane.Api.Rbac.V1;
using ControlPlane.Api.Serialization;
using ControlPlane.Api.Server.Authentication;
using ControlPlane.Api.Server.Registry;
using ControlPlane.Api.Server.Watching;

namespace ControlPlane.Api.Server.Authorization;

/// <summary>Roles and bindings, read from the caches when they change.</summary>
internal sealed class RbacObjects(WatchHub hub)
{
    private const string Group = "rbac.authorization.k8s.io";
    private readonly WatchCache _roles = hub.CacheOf(StorageKey.Prefix(Group, "roles"));
    private readonly WatchCache _clusterRoles = hub.CacheOf(StorageKey.Prefix(Group, "clusterroles"));
    private readonly WatchCache _bindings = hub.CacheOf(StorageKey.Prefix(Group, "rolebindings"));
    private readonly WatchCache _clusterBindings = hub.CacheOf(StorageKey.Prefix(Group, "clusterrolebindings"));
    private volatile RbacSnapshot? _snapshot;

    public RbacSnapshot Current()
    {
        var version = _roles.Version + _clusterRoles.Version + _bindings.Version + _clusterBindings.Version;
        var snapshot = _snapshot;
        if (snapshot?.Version == version)
            return snapshot;
        // Two requests may both build it; the results are the same.
        return _snapshot = new RbacSnapshot(version, Read<Role>(_roles), Read<ClusterRole>(_clusterRoles), Read<RoleBinding>(_bindings), Read<ClusterRoleBinding>(_clusterBindings));
    }

    private static IEnumerable<T> Read<T>(WatchCache cache) => cache.Snapshot().Select(o => ApiJson.Deserialize<T>(o.Json.Span));
}

/// <summary>A role given to somebody.</summary>
/// <param name="Binding">Name of the binding, with its kind.</param>
/// <param name="Namespace">Where it holds; empty = everywhere.</param>
/// <param name="RoleKind">Role or ClusterRole.</param>
/// <param name="RoleName">Name of the role.</param>
/// <param name="Subject">To whom.</param>
internal sealed record Grant(string Binding, string Namespace, string RoleKind, string RoleName, string Subject)
{
    public override string ToString() => $"{Binding} of {RoleKind} \"{RoleName}\" to {Subject}";
}

/// <summary>All roles and bindings at one moment, arranged for decisions.</summary>
internal sealed class RbacSnapshot
{
    private readonly Dictionary<(string Namespace, string Name), IReadOnlyList<PolicyRule>> _roles = [];
    private readonly Dictionary<string, List<Grant>> _bySubject = new(StringComparer.Ordinal);

    public RbacSnapshot(
        long version, IEnumerable<Role> roles, IEnumerable<ClusterRole> clusterRoles, IEnumerable<RoleBinding> bindings, IEnumerable<ClusterRoleBinding> clusterBindings)
    {
        Version = version;
        foreach (var role in roles)
            _roles[(role.Metadata.Namespace!, role.Metadata.Name!)] = role.Rules;
        foreach (var role in clusterRoles)
            _roles[("", role.Metadata.Name!)] = role.Rules;
        foreach (var binding in clusterBindings)
            Add($"ClusterRoleBinding \"{binding.Metadata.Name}\"", "", binding.RoleRef, binding.Subjects);
        foreach (var binding in bindings)
            Add($"RoleBinding \"{binding.Metadata.Name}/{binding.Metadata.Namespace}\"", binding.Metadata.Namespace!, binding.RoleRef, binding.Subjects);
    }

    public long Version { get; }

    /// <summary>What the user and its groups are given everywhere and in a namespace.</summary>
    public IEnumerable<Grant> GrantsOf(UserInfo user, string @namespace) => user.Groups.Select(GroupKey).Prepend(UserKey(user.Name))
        .SelectMany(subject => _bySubject.GetValueOrDefault(subject) ?? [])
        .Where(g => g.Namespace.Length == 0 || g.Namespace == @namespace);

    /// <summary>Null when the role does not exist.</summary>
    public IReadOnlyList<PolicyRule>? RulesOf(Grant grant) => _roles.GetValueOrDefault((grant.RoleKind == "Role" ? grant.Namespace : "", grant.RoleName));

    private void Add(string binding, string @namespace, RoleRef role, IReadOnlyList<Subject> subjects)
    {
        foreach (var subject in subjects)
        {
            var (key, shown) = subject.Kind switch
            {
                "Group" => (GroupKey(subject.Name), $"Group \"{subject.Name}\""),
                "ServiceAccount" => (UserKey($"system:serviceaccount:{subject.Namespace}:{subject.Name}"), $"ServiceAccount \"{subject.Name}/{subject.Namespace}\""),
                _ => (UserKey(subject.Name), $"User \"{subject.Name}\""),
            };
            if (!_bySubject.TryGetValue(key, out var grants))
                _bySubject[key] = grants = [];
            grants.Add(new Grant(binding, @namespace, role.Kind, role.Name, shown));
        }
    }

    private static string UserKey(string name) => "u:" + name;

    private static string GroupKey(string name) => "g:" + name;
}
