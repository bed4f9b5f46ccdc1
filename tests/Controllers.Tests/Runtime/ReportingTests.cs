using System.Text.Json.Nodes;
using ControlPlane.Api.Meta;
using ControlPlane.Controllers.Reporting;

namespace ControlPlane.Controllers.Tests.Runtime;

public sealed class ReportingTests
{
    private static readonly DateTimeOffset Early = ManualTime.Start;
    private static readonly DateTimeOffset Late = Early.AddHours(1);

    [Theory]
    [InlineData("True", false)]
    [InlineData("False", true)]
    public void With_SameType_MovesTheTimeOnlyWithTheStatus(string status, bool moves)
    {
        IReadOnlyList<Condition> present = [Available("True", Early), new() { Type = "Other", Status = "True" }];

        var changed = present.With(Available(status, null) with { Reason = "New" }, Late);

        Assert.Equal(["Available", "Other"], changed.Select(static c => c.Type));
        Assert.Equal((status, "New", moves ? Late : Early), (changed[0].Status, changed[0].Reason, changed[0].LastTransitionTime));
    }

    [Fact]
    public void With_NewType_AppendsIt() => Assert.Equal(Late, Array.Empty<Condition>().With(Available("True", null), Late).Single().LastTransitionTime);

    [Theory]
    [InlineData("""{"a":1,"b":{"c":[1,2]}}""", """{"a":1,"b":{"c":[1,2]}}""", null)]
    [InlineData("""{"a":1,"b":2}""", """{"a":1}""", """{"b":null}""")]
    [InlineData("""{"a":{"x":1,"y":2}}""", """{"a":{"x":1,"y":3}}""", """{"a":{"y":3}}""")]
    [InlineData("""{"a":[1,2]}""", """{"a":[2]}""", """{"a":[2]}""")]
    [InlineData("""{}""", """{"a":{"b":1}}""", """{"a":{"b":1}}""")]
    public void Between_Trees_IsTheMergePatch(string from, string to, string? patch) =>
        Assert.Equal(patch, JsonDifference.Between(JsonNode.Parse(from)!.AsObject(), JsonNode.Parse(to)!.AsObject())?.ToJsonString());

    private static Condition Available(string status, DateTimeOffset? since) => new() { Type = "Available", Status = status, LastTransitionTime = since };
}
