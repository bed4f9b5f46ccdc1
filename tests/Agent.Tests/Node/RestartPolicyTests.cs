using ControlPlane.Agent.Pods;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;

namespace ControlPlane.Agent.Tests.Node;

public sealed class RestartPolicyTests
{
    [Fact]
    public void NextDelay_ByDefault_IsThatOfKubernetes() =>
        Assert.Equal([0, 10, 20, 40, 80, 160, 300, 300], Delays(new Pod(), 8));

    [Fact]
    public void NextDelay_WithAnnotation_GrowsByItsFactorUpToItsLimit() =>
        Assert.Equal([1, 2, 4, 5, 5], Delays(Annotated("1,2,5"), 5));

    [Theory]
    [InlineData("")]
    [InlineData("1,2")]
    [InlineData("1,0.5,10")]
    [InlineData("-1,2,10")]
    [InlineData("1,x,10")]
    [InlineData("1,NaN,10")]
    public void NextDelay_WithBadAnnotation_IsTheDefault(string annotation) =>
        Assert.Equal([0, 10], Delays(Annotated(annotation), 2));

    [Fact]
    public void NextDelay_AfterALongRun_StartsOver() =>
        Assert.Equal(TimeSpan.Zero, RestartPolicy.Of(new Pod()).NextDelay(TimeSpan.FromSeconds(300), TimeSpan.FromMinutes(10)));

    [Theory]
    [InlineData("Always", 0, true)]
    [InlineData("OnFailure", 0, false)]
    [InlineData("OnFailure", 1, true)]
    [InlineData("Never", 1, false)]
    public void ShouldRestart_FollowsThePolicy(string policy, int code, bool expected) => Assert.Equal(expected, RestartPolicy.ShouldRestart(policy, code));

    private static Pod Annotated(string text) => new() { Metadata = new ObjectMeta { Annotations = new Dictionary<string, string> { ["controlplane.dev/backoff"] = text } } };

    private static IEnumerable<double> Delays(Pod pod, int count)
    {
        TimeSpan? delay = null;
        for (var i = 0; i < count; i++)
        {
            delay = RestartPolicy.Of(pod).NextDelay(delay, TimeSpan.FromSeconds(1));
            yield return delay.Value.TotalSeconds;
        }
    }
}
