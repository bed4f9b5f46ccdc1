using ControlPlane.Api.Rbac.V1;

namespace ControlPlane.Api.Server.Authorization;

/// <summary>Whether one rule allows one thing.</summary>
internal static class RuleMatcher
{
    private const string All = "*";

    public static bool Allows(PolicyRule rule, AuthorizationAttributes attributes)
    {
        if (!Has(rule.Verbs, attributes.Verb))
            return false;
        if (!attributes.IsResource)
            return rule.NonResourceUrls.Any(u => u == attributes.Path || (u.EndsWith('*') && attributes.Path.StartsWith(u[..^1], StringComparison.Ordinal)));
        return Has(rule.ApiGroups, attributes.Group)
            && rule.Resources.Any(r => IsResource(r, attributes))
            && (rule.ResourceNames.Count == 0 || (attributes.Name.Length > 0 && rule.ResourceNames.Contains(attributes.Name)));
    }

    private static bool Has(IReadOnlyList<string> values, string value) => values.Contains(All) || values.Contains(value);

    /// <summary><c>pods</c>, <c>pods/log</c>, <c>*/scale</c> or <c>*</c>.</summary>
    private static bool IsResource(string pattern, AuthorizationAttributes attributes)
    {
        if (pattern == All)
            return true;
        if (attributes.Subresource.Length == 0)
            return pattern == attributes.Resource;
        return pattern == "*/" + attributes.Subresource || pattern == attributes.Resource + "/" + attributes.Subresource;
    }
}
