using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Server.Authentication;
using ControlPlane.Api.Server.Definitions;
using ControlPlane.Api.Server.Registry;

namespace ControlPlane.Api.Server.Authorization;

/// <summary>
/// What a node's agent may do: see nodes, VIPs and the pods of the cluster, write its own node, lease and the status of its own pods, and read the
/// Secrets and ConfigMaps that pods on its node name, and no others.
/// </summary>
internal sealed class NodeAuthorizer(ResourceStore store, DefinitionRegistry definitions) : IAuthorizer
{
    public const string Group = "system:nodes";
    public const string UserPrefix = "system:node:";

    private static readonly string[] Readable = ["nodes", "pods", "namespaces", "vips", "endpointslices", "serviceaccounts"];

    public AuthorizationDecision Decide(UserInfo user, AuthorizationAttributes attributes)
    {
        if (NodeOf(user) is not { } node || !attributes.IsResource)
            return AuthorizationDecision.NoOpinion;
        var isRead = attributes.Verb is "get" or "list" or "watch";
        return attributes switch
        {
            { Resource: "secrets" or "configmaps", Group: "", Subresource: "" } => isRead && IsNamedByPod(node, attributes)
                ? Allow()
                : Refuse($"no pod on node \"{node}\" names it"),
            { Subresource: "" } when isRead && Readable.Contains(attributes.Resource) => Allow(),
            { Resource: "nodes", Group: "", Subresource: "" or "status" } when attributes.Verb is "create" or "update" or "patch" => Own(node, attributes),
            { Resource: "leases", Namespace: "kube-node-lease" } when attributes.Verb is not ("list" or "watch" or "deletecollection") => Own(node, attributes),
            { Resource: "events", Group: "" } when attributes.Verb is "create" or "update" or "patch" => Allow(),
            { Resource: "pods", Group: "", Subresource: "" or "status" } when attributes.Verb is "update" or "patch" or "delete" => OwnPod(node, attributes),
            { Resource: "serviceaccounts", Group: "", Subresource: "token", Verb: "create" } => UsesAccount(node, attributes)
                ? Allow()
                : Refuse($"no pod on node \"{node}\" runs as it"),
            _ => AuthorizationDecision.NoOpinion,
        };
    }

    /// <summary>The node whose agent this is; null when it is none.</summary>
    public static string? NodeOf(UserInfo user) =>
        user.Groups.Contains(Group) && user.Name.StartsWith(UserPrefix, StringComparison.Ordinal) ? user.Name[UserPrefix.Length..] : null;

    private static AuthorizationDecision Allow() => AuthorizationDecision.Allow("Node: it is the agent of the node");

    private static AuthorizationDecision Refuse(string why) => AuthorizationDecision.Refuse("node: " + why);

    /// <summary>The name of what is created is in its body; NodeRestriction looks at that.</summary>
    private static AuthorizationDecision Own(string node, AuthorizationAttributes attributes) =>
        attributes.Name == node || (attributes.Verb == "create" && attributes.Name.Length == 0) ? Allow() : Refuse($"it belongs to another node than \"{node}\"");

    private AuthorizationDecision OwnPod(string node, AuthorizationAttributes attributes)
    {
        var definition = Pods();
        var pod = store.CacheOf(definition).Find(attributes.Namespace, attributes.Name);
        // A pod that is gone harms nobody: the handler answers that it is not there.
        return pod is null || NodeOf(definition, pod) == node ? Allow() : Refuse($"the pod is not on node \"{node}\"");
    }

    private bool IsNamedByPod(string node, AuthorizationAttributes attributes) =>
        attributes.Name.Length > 0 && PodsOn(node, attributes.Namespace).Any(p => PodReferences.Names(p, attributes.Resource, attributes.Name));

    private bool UsesAccount(string node, AuthorizationAttributes attributes) =>
        PodsOn(node, attributes.Namespace).Any(p => (p.GetObject("spec")?.GetString("serviceAccountName") ?? "default") == attributes.Name);

    private IEnumerable<JsonObject> PodsOn(string node, string @namespace)
    {
        var definition = Pods();
        foreach (var pod in store.CacheOf(definition).Snapshot(@namespace).ToArray())
        {
            if (NodeOf(definition, pod) == node)
                yield return pod.ToTree();
        }
    }

    private ResourceDefinition Pods() => definitions.Current.Find("", "v1", "pods")!;

    private static string? NodeOf(ResourceDefinition definition, StoredObject pod) => pod.FactsFor(definition.Facts).Fields.GetValueOrDefault("spec.nodeName");
}
