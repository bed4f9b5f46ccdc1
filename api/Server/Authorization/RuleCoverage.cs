using ControlPlane.Api.Rbac.V1;

namespace ControlPlane.Api.Server.Authorization;

/// <summary>Whether rules that somebody has include rules that somebody would give.</summary>
internal static class RuleCoverage
{
    /// <summary>The parts of <paramref name="given"/> that <paramref name="owned"/> does not include, one verb on one resource each.</summary>
    public static IReadOnlyList<PolicyRule> Missing(IReadOnlyList<PolicyRule> owned, IEnumerable<PolicyRule> given) =>
        [.. given.SelectMany(Parts).Where(part => !owned.Any(rule => Includes(rule, part)))];

    private static IEnumerable<PolicyRule> Parts(PolicyRule rule)
    {
        foreach (var verb in rule.Verbs)
        {
            foreach (var path in rule.NonResourceUrls)
                yield return new PolicyRule { Verbs = [verb], NonResourceUrls = [path] };
            foreach (var group in rule.ApiGroups)
            {
                foreach (var resource in rule.Resources)
                {
                    foreach (var name in rule.ResourceNames.DefaultIfEmpty())
                        yield return new PolicyRule { Verbs = [verb], ApiGroups = [group], Resources = [resource], ResourceNames = name is null ? [] : [name] };
                }
            }
        }
    }

    private static bool Includes(PolicyRule rule, PolicyRule part)
    {
        if (!Has(rule.Verbs, part.Verbs[0]))
            return false;
        if (part.NonResourceUrls.Count > 0)
        {
            var path = part.NonResourceUrls[0];
            return rule.NonResourceUrls.Any(u => u == path || (u.EndsWith('*') && path.StartsWith(u[..^1], StringComparison.Ordinal)));
        }
        return Has(rule.ApiGroups, part.ApiGroups[0])
            && (Has(rule.Resources, part.Resources[0]) || IncludesSubresource(rule, part.Resources[0]))
            && (rule.ResourceNames.Count == 0 || (part.ResourceNames.Count > 0 && rule.ResourceNames.Contains(part.ResourceNames[0])));
    }

    private static bool IncludesSubresource(PolicyRule rule, string resource)
    {
        var slash = resource.IndexOf('/', StringComparison.Ordinal);
        return slash >= 0 && rule.Resources.Contains("*" + resource[slash..]);
    }

    private static bool Has(IReadOnlyList<string> values, string value) => values.Contains("*") || values.Contains(value);
}
