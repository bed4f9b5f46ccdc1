using ControlPlane.Api.Rbac.V1;
using ControlPlane.Api.Server.Authorization;

namespace ControlPlane.Api.Tests.Server.Authorization;

public sealed class RuleCoverageTests
{
    [Theory]
    [InlineData("get,list", "pods", "", "get", "pods", "", true)]
    [InlineData("get", "pods", "", "get,delete", "pods", "", false)]
    [InlineData("get", "pods", "", "*", "pods", "", false)]
    [InlineData("*", "*", "", "*", "*", "", true)]
    [InlineData("get", "*/scale", "", "get", "apps/scale", "", true)]
    [InlineData("get", "pods", "a", "get", "pods", "a", true)]
    [InlineData("get", "pods", "a", "get", "pods", "", false)]
    [InlineData("get", "pods", "", "get", "pods", "a", true)]
    [InlineData("get", "pods", "", "get", "pods/log", "", false)]
    public void Missing_IsEmptyOnlyWhenAllIsOwned(string ownVerbs, string ownResources, string ownNames, string verbs, string resources, string names, bool covered)
    {
        var missing = RuleCoverage.Missing([Rule(ownVerbs, ownResources, ownNames)], [Rule(verbs, resources, names)]);

        Assert.Equal(covered, missing.Count == 0);
    }

    [Fact]
    public void Missing_TakesTheUnionOfWhatIsOwned() =>
        Assert.Empty(RuleCoverage.Missing([Rule("get", "pods", ""), Rule("list", "pods", "")], [Rule("get,list", "pods", "")]));

    private static PolicyRule Rule(string verbs, string resources, string names) => new()
    {
        ApiGroups = [""], Verbs = verbs.Split(','), Resources = resources.Split(','), ResourceNames = names.Split(',', StringSplitOptions.RemoveEmptyEntries),
    };
}
