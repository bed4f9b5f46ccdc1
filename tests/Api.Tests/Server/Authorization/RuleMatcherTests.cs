using ControlPlane.Api.Rbac.V1;
using ControlPlane.Api.Server.Authorization;

namespace ControlPlane.Api.Tests.Server.Authorization;

public sealed class RuleMatcherTests
{
    [Theory]
    [InlineData("pods", "get", "pods", "", "p", true)]
    [InlineData("pods", "get", "pods", "log", "p", false)]
    [InlineData("pods/log", "get", "pods", "log", "p", true)]
    [InlineData("*/scale", "get", "apps", "scale", "p", true)]
    [InlineData("*", "get", "pods", "exec", "p", true)]
    [InlineData("pods", "delete", "pods", "", "p", false)]
    [InlineData("secrets", "get", "pods", "", "p", false)]
    public void Allows_ByResourceAndVerb(string pattern, string verb, string resource, string subresource, string name, bool expected)
    {
        var rule = new PolicyRule { ApiGroups = [""], Resources = [pattern], Verbs = ["get", "list"] };

        Assert.Equal(expected, RuleMatcher.Allows(rule, new AuthorizationAttributes { Verb = verb, IsResource = true, Resource = resource, Subresource = subresource, Name = name }));
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("b", false)]
    [InlineData("", false)]
    public void Allows_ByName(string name, bool expected)
    {
        var rule = new PolicyRule { ApiGroups = [""], Resources = ["pods"], Verbs = ["*"], ResourceNames = ["a"] };

        Assert.Equal(expected, RuleMatcher.Allows(rule, new AuthorizationAttributes { Verb = "get", IsResource = true, Resource = "pods", Name = name }));
    }

    [Theory]
    [InlineData("/metrics", true)]
    [InlineData("/healthz/etcd", true)]
    [InlineData("/version", false)]
    public void Allows_ByPath(string path, bool expected)
    {
        var rule = new PolicyRule { NonResourceUrls = ["/metrics", "/healthz*"], Verbs = ["get"] };

        Assert.Equal(expected, RuleMatcher.Allows(rule, new AuthorizationAttributes { Verb = "get", Path = path }));
    }

    [Fact]
    public void Allows_OfAnotherGroup_IsFalse()
    {
        var rule = new PolicyRule { ApiGroups = ["apps"], Resources = ["*"], Verbs = ["*"] };

        Assert.False(RuleMatcher.Allows(rule, new AuthorizationAttributes { Verb = "get", IsResource = true, Group = "", Resource = "pods" }));
    }
}
