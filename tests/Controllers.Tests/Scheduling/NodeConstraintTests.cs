using ControlPlane.Controllers.Scheduling.Constraints;

namespace ControlPlane.Controllers.Tests.Scheduling;

public sealed class NodeConstraintTests
{
    [Theory]
    // GROUP_BY: five instances over two racks give 3 and 2.
    [InlineData("GROUP_BY", "2", 5, "1:2", "1", true)]
    [InlineData("GROUP_BY", "2", 5, "1:3", "1", false)]
    [InlineData("GROUP_BY", "4", 5, "1:1", "1", true)]
    [InlineData("GROUP_BY", "4", 5, "1:2", "1", false)]
    [InlineData("GROUP_BY", "4", 5, "1:2,2:1", "2", false)]
    [InlineData("GROUP_BY", "2", 5, "1:1,2:1", "3", false)]
    [InlineData("GROUP_BY", null, 9, "1:3,2:3,3:2", "3", true)]
    [InlineData("GROUP_BY", null, 9, "1:3,2:3,3:2", "1", false)]
    [InlineData("UNIQUE", null, 4, "1:1", "1", false)]
    [InlineData("UNIQUE", null, 4, "1:1", "2", true)]
    [InlineData("CLUSTER", null, 3, "", "2", true)]
    [InlineData("CLUSTER", null, 3, "1:1", "2", false)]
    [InlineData("CLUSTER", null, 3, "1:1", "1", true)]
    [InlineData("CLUSTER", "2", 3, "", "1", false)]
    [InlineData("CLUSTER", "2", 3, "", "2", true)]
    [InlineData("MAX_PER", "2", 3, "1:1", "1", true)]
    [InlineData("MAX_PER", "2", 3, "1:2", "1", false)]
    [InlineData("MAX_PER", "x", 3, "", "1", false)]
    [InlineData("LIKE", "rack-[1-3]", 1, "", "rack-2", true)]
    [InlineData("LIKE", "rack-[1-3]", 1, "", "rack-12", false)]
    [InlineData("UNLIKE", "rack-[1-3]", 1, "", "rack-12", true)]
    [InlineData("UNLIKE", "rack-[1-3]", 1, "", "rack-3", false)]
    [InlineData("LIKE", "(", 1, "", "rack-1", false)]
    [InlineData("UNLIKE", "(", 1, "", "rack-1", false)]
    [InlineData("IS", "0.8", 1, "", "0.8001", true)]
    [InlineData("IS", "0.80", 1, "", "0.8", true)]
    [InlineData("IS", "0.8", 1, "", "0.801", false)]
    [InlineData("IS", "ssd", 1, "", "ssd", true)]
    [InlineData("IS", "ssd", 1, "", "hdd", false)]
    public void Allows_ByOperator_FollowsItsRule(string @operator, string? value, int size, string placed, string candidate, bool allowed)
    {
        var counts = placed.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(static pair => pair.Split(':'))
            .ToDictionary(static pair => pair[0], static pair => int.Parse(pair[1], System.Globalization.CultureInfo.InvariantCulture));
        var placement = new Placement(counts, counts.Keys.FirstOrDefault(), 3, size);
        Assert.Equal(allowed, new NodeConstraint(Cluster.Constraint("rack", @operator, value)).Allows(candidate, placement));
    }

    [Theory]
    [InlineData("UNIQUE", null)]
    [InlineData("CLUSTER", null)]
    [InlineData("GROUP_BY", "2")]
    [InlineData("MAX_PER", "2")]
    [InlineData("IS", "a")]
    [InlineData("LIKE", ".*")]
    public void Allows_NodeWithoutTheField_OnlyUnlikeHolds(string @operator, string? value)
    {
        var nowhere = new Placement(new Dictionary<string, int>(), null, 0, 1);
        Assert.False(new NodeConstraint(Cluster.Constraint("rack", @operator, value)).Allows(null, nowhere));
        Assert.True(new NodeConstraint(Cluster.Constraint("rack", "UNLIKE", "x")).Allows(null, nowhere));
    }
}
