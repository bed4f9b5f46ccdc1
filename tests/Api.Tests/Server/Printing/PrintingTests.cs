using System.Text.Json.Nodes;
using ControlPlane.Api.Server.Printing;

namespace ControlPlane.Api.Tests.Server.Printing;

public sealed class PrintingTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(119, "119s")]
    [InlineData(120, "2m")]
    [InlineData(302, "5m2s")]
    [InlineData(600, "10m")]
    [InlineData(3 * 3600, "3h")]
    [InlineData(3 * 3600 + 120, "3h2m")]
    [InlineData(9 * 3600 + 120, "9h")]
    [InlineData(49 * 3600, "2d1h")]
    [InlineData(48 * 3600, "2d")]
    [InlineData(9 * 86400, "9d")]
    [InlineData(800L * 86400, "2y70d")]
    [InlineData(3000L * 86400, "8y")]
    [InlineData(-1, "0s")]
    [InlineData(-2, "<invalid>")]
    public void HumanDuration_IsAsKubectlUsersKnowIt(long seconds, string expected) => Assert.Equal(expected, HumanDuration.Format(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData("""{"status":{"phase":"Pending"}}""", "0/1", "Pending", "0")]
    [InlineData("""{"status":{"phase":"Running","containerStatuses":[{"ready":true,"restartCount":0,"state":{"running":{}}}]}}""", "1/1", "Running", "0")]
    [InlineData("""{"status":{"phase":"Running","containerStatuses":[{"restartCount":3,"state":{"waiting":{"reason":"CrashLoopBackOff"}},"lastState":{"terminated":{"finishedAt":"2025-12-31T23:59:00Z"}}}]}}""", "0/1", "CrashLoopBackOff", "3 (60s ago)")]
    [InlineData("""{"status":{"phase":"Failed","containerStatuses":[{"restartCount":0,"state":{"terminated":{"exitCode":137,"reason":"OOMKilled"}}}]}}""", "0/1", "OOMKilled", "0")]
    [InlineData("""{"status":{"phase":"Failed","containerStatuses":[{"restartCount":0,"state":{"terminated":{"exitCode":3}}}]}}""", "0/1", "ExitCode:3", "0")]
    [InlineData("""{"status":{"phase":"Failed","reason":"Evicted"}}""", "0/1", "Evicted", "0")]
    [InlineData("""{"status":{"phase":"Pending","initContainerStatuses":[{"restartCount":0,"state":{"running":{}}}]}}""", "0/1", "Init:0/1", "0")]
    [InlineData("""{"status":{"phase":"Pending","initContainerStatuses":[{"restartCount":1,"state":{"terminated":{"exitCode":1,"reason":"Error"}}}]}}""", "0/1", "Init:Error", "1")]
    [InlineData("""{"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"},"status":{"phase":"Running","containerStatuses":[{"ready":true,"restartCount":0,"state":{"running":{}}}]}}""", "1/1", "Terminating", "0")]
    public void PodPrinter_SaysHowThePodIsDoing(string parts, string ready, string status, string restarts)
    {
        var pod = (JsonObject)JsonNode.Parse(parts)!;
        pod["metadata"] ??= new JsonObject();
        pod["spec"] = JsonNode.Parse("""{"containers":[{"name":"c"}],"initContainers":[{"name":"i"}]}""");

        var cells = new PodPrinter().Cells(pod, Now).Select(c => c?.ToString()).ToArray();

        Assert.Equal($"{ready} {status} {restarts}", string.Join(" ", cells[1..4]));
    }

    [Theory]
    [InlineData(".a.b", "1")]
    [InlineData(".list[0].x", "p")]
    [InlineData(".list[-1].x", "q")]
    [InlineData(".list[*].x", "p,q")]
    [InlineData(".list[?(@.x==\"q\")].y", "2")]
    [InlineData(".a['b']", "1")]
    [InlineData(".none.at.all", "")]
    public void SimplePath_FindsValues(string path, string expected)
    {
        var root = JsonNode.Parse("""{"a":{"b":1},"list":[{"x":"p","y":1},{"x":"q","y":2}]}""")!;

        Assert.Equal(expected, string.Join(",", SimplePath.Parse(path).Find(root)));
    }
}
