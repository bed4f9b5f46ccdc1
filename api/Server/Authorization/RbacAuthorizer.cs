using ControlPlane.Api.Server.Authentication;

namespace ControlPlane.Api.Server.Authorization;

/// <summary>Role-based access: what the roles bound to a user and its groups allow. Everything is decided from memory.</summary>
internal sealed class RbacAuthorizer(RbacObjects objects) : IAuthorizer
{
    public AuthorizationDecision Decide(UserInfo user, AuthorizationAttributes attributes)
    {
        var rbac = objects.Current();
        var problems = new List<string>();
        foreach (var grant in rbac.GrantsOf(user, attributes.Namespace))
        {
            if (rbac.RulesOf(grant) is not { } rules)
            {
                problems.Add($"{grant.RoleKind.ToLowerInvariant()}.rbac.authorization.k8s.io \"{grant.RoleName}\" not found");
                continue;
            }
            if (rules.Any(r => RuleMatcher.Allows(r, attributes)))
                return AuthorizationDecision.Allow($"RBAC: allowed by {grant}");
        }
        return problems.Count == 0 ? AuthorizationDecision.NoOpinion : AuthorizationDecision.Refuse("RBAC: [" + string.Join(", ", problems) + "]");
    }
}
