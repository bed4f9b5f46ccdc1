using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Rbac.V1;
using ControlPlane.Api.Serialization;
using ControlPlane.Api.Server.Authentication;
using ControlPlane.Api.Server.Authorization;
using ControlPlane.Api.Server.Errors;

namespace ControlPlane.Api.Server.Admission;

/// <summary>Nobody gives what they do not have: not by writing a role, and not by binding one, unless the verbs escalate or bind say otherwise.</summary>
internal sealed class RbacEscalation(RbacObjects objects, IAuthorizer authorizer) : IAdmissionPlugin
{
    private const string Group = "rbac.authorization.k8s.io";

    public string Name => "RbacEscalation";

    public ValueTask AdmitAsync(AdmissionRequest request)
    {
        var definition = request.Call.Definition;
        if (definition.Group == Group && request.Operation != AdmissionOperation.Delete && !request.Call.Request.User.IsMaster)
            Check(request, request.Proposed!);
        return ValueTask.CompletedTask;
    }

    private void Check(AdmissionRequest request, JsonObject proposed)
    {
        var definition = request.Call.Definition;
        var user = request.Call.Request.User;
        var @namespace = request.Call.Namespace;
        var name = proposed.GetObject("metadata")?.GetString("name") ?? "";
        var isRole = definition.Kind is "Role" or "ClusterRole";
        var reference = isRole ? null : proposed["roleRef"].Deserialize<RoleRef>(ApiJson.Options)!;
        var rights = new AuthorizationAttributes
        {
            Verb = isRole ? "escalate" : "bind",
            IsResource = true,
            Group = Group,
            Resource = reference is null ? definition.Plural : reference.Kind == "Role" ? "roles" : "clusterroles",
            Namespace = @namespace,
            Name = reference?.Name ?? name,
        };
        if (authorizer.Decide(user, rights).Allowed)
            return;
        var rbac = objects.Current();
        // Giving a role that does not exist yet gives whatever it will say.
        var given = reference is null
            ? proposed["rules"].Deserialize<IReadOnlyList<PolicyRule>>(ApiJson.Options) ?? []
            : rbac.RulesOf(new Grant("", @namespace, reference.Kind, reference.Name, "")) ?? throw NotFound(reference);
        IReadOnlyList<PolicyRule> owned = [.. rbac.GrantsOf(user, @namespace).SelectMany(g => rbac.RulesOf(g) ?? [])];
        if (RuleCoverage.Missing(owned, given) is { Count: > 0 } missing)
            throw ApiErrors.Forbidden(definition, name, Describe(user, missing));
    }

    private static ApiException NotFound(RoleRef reference) =>
        ApiErrors.NotFound($"{(reference.Kind == "Role" ? "roles" : "clusterroles")}.{Group}", reference.Name);

    private static string Describe(UserInfo user, IReadOnlyList<PolicyRule> missing) =>
        $"user \"{user.Name}\" (groups=[{string.Join(" ", user.Groups.Select(g => $"\"{g}\""))}]) is attempting to grant RBAC permissions not currently held:\n"
        + string.Join('\n', missing.Select(Text));

    private static string Text(PolicyRule rule) => rule.NonResourceUrls.Count > 0
        ? $"{{NonResourceURLs:[{Quote(rule.NonResourceUrls)}], Verbs:[{Quote(rule.Verbs)}]}}"
        : $"{{APIGroups:[{Quote(rule.ApiGroups)}], Resources:[{Quote(rule.Resources)}]{(rule.ResourceNames.Count > 0 ? $", ResourceNames:[{Quote(rule.ResourceNames)}]" : "")}, Verbs:[{Quote(rule.Verbs)}]}}";

    private static string Quote(IReadOnlyList<string> values) => string.Join(" ", values.Select(v => $"\"{v}\""));
}
