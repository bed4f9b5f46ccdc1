using System.Globalization;
using ControlPlane.Api.Machinery.Apply;
using ControlPlane.Api.Machinery.Json;
using Xunit;

namespace ControlPlane.Api.Tests.Machinery.Apply;

public class ManagedFieldsUpdaterTests
{
    private readonly ApplyWorld _world = new();

    [Fact]
    public void Update_OnCreate_OwnsEverythingAsUpstreamRecorded()
    {
        _world.Update("m", """{"metadata":{"uid":"x","generation":1,"labels":{"g":"x"}},"spec":{"image":"x","replicas":1}}""");
        Trees.AssertSame(
            """
            [{"apiVersion":"hw.example.dev/v1alpha1","fieldsType":"FieldsV1",
            "fieldsV1":{"f:metadata":{"f:labels":{".":{},"f:g":{}}},"f:spec":{".":{},"f:image":{},"f:replicas":{}}},
            "manager":"m","operation":"Update","time":"2026-11-20T17:44:19Z"}]
            """,
            _world.Live!["metadata"]!["managedFields"]);
    }

    [Fact]
    public void Update_ByAnother_TakesOnlyWhatItChanges()
    {
        _world.Apply("A", """{"spec":{"replicas":2,"color":"red","containers":[{"name":"a","image":"1"}]}}""");
        _world.Update("kubectl-label", """{"metadata":{"labels":{"x":"y"}},"spec":{"replicas":2,"color":"blue","containers":[{"name":"a","image":"1"}]}}""");
        _world.AssertOwners(
            """
            A Apply: .spec.containers[name="a"] .spec.containers[name="a"].image .spec.containers[name="a"].name .spec.replicas
            kubectl-label Update: .metadata.labels .metadata.labels.x .spec.color
            """);
    }

    [Fact]
    public void Update_RemovingFields_DisownsEverybody()
    {
        _world.Apply("A", """{"spec":{"replicas":2,"strategy":{"type":"x"}}}""");
        _world.Update("U", """{"spec":{"replicas":2}}""");
        _world.AssertOwners("A Apply: .spec.replicas");
    }

    [Fact]
    public void Update_WithoutChange_KeepsTheStoredEntries()
    {
        _world.Update("m", """{"spec":{"image":"x","args":["1","2"]}}""");
        var before = _world.Live!.DeepClone();
        _world.Now = _world.Now.AddDays(1);
        _world.Update("other", """{"spec":{"image":"x","args":["1","2"]}}""");
        Trees.AssertSame(before.ToJsonString(), _world.Live);
        _world.Update("other", """{"spec":{"image":"x","args":["1","2"]}}""", managedFields: _world.Live["metadata"]!["managedFields"]!.ToJsonString());
        Trees.AssertSame(before.ToJsonString(), _world.Live);
    }

    [Fact]
    public void Update_BySameManager_AddsToItsEntryWithTheNewTime()
    {
        _world.Update("m", """{"spec":{"image":"x"}}""");
        _world.Now = _world.Now.AddMinutes(1);
        _world.Update("m", """{"spec":{"image":"x","color":"red"}}""");
        Assert.Equal("2026-11-20T17:45:19Z", Assert.Single(_world.Entries()).GetString("time"));
        _world.AssertOwners("m Update: .spec .spec.color .spec.image");
    }

    [Fact]
    public void Update_AnUntrackedObject_StaysUntracked()
    {
        _world.Live = Trees.Object("""{"metadata":{"name":"a1"},"spec":{"image":"x"}}""");
        _world.Update("m", """{"spec":{"image":"y"}}""");
        Assert.Empty(_world.Entries());
    }

    [Fact]
    public void Update_OneEmptyEntry_ForgetsAllOwners()
    {
        _world.Update("m", """{"spec":{"image":"x"}}""");
        _world.Update("m", """{"spec":{"image":"x"}}""", managedFields: "[{}]");
        Assert.Empty(_world.Entries());
    }

    [Theory]
    [InlineData("""[]""")]
    [InlineData("""[{"manager":"evil"}]""")]
    [InlineData("""[{"manager":"m","operation":"Steal","fieldsType":"FieldsV1","fieldsV1":{}}]""")]
    [InlineData("""[{"manager":"m","operation":"Update","fieldsType":"FieldsV1","fieldsV1":{"spec":{}}}]""")]
    [InlineData("""[{"manager":"m","operation":"Update","fieldsType":"FieldsV1","fieldsV1":{"k:{":{}}}]""")]
    [InlineData("""["x"]""")]
    public void Update_InvalidEntries_AreIgnored(string managedFields)
    {
        _world.Update("m", """{"spec":{"image":"x"}}""");
        _world.Update("n", """{"spec":{"image":"x","color":"y"}}""", managedFields: managedFields);
        _world.AssertOwners("m Update: .spec .spec.image\nn Update: .spec.color");
    }

    [Fact]
    public void Update_ValidEntries_AreTaken_ButNotThroughASubresource()
    {
        const string Theirs = """[{"manager":"z","operation":"Apply","apiVersion":"hw.example.dev/v1alpha1","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:image":{}}}}]""";
        _world.Update("m", """{"spec":{"image":"x"}}""");
        _world.Update("m", """{"spec":{"image":"x"},"status":{"phase":"p"}}""", subresource: "status", managedFields: Theirs);
        _world.AssertOwners("m Update: .spec .spec.image\nm Update/status: .status .status.phase");
        _world.Update("m", """{"spec":{"image":"x"},"status":{"phase":"p"}}""", managedFields: Theirs);
        _world.AssertOwners("z Apply: .spec.image");
    }

    [Fact]
    public void Update_ByManyManagers_MergesTheOldest()
    {
        for (var i = 0; i < 14; i++)
        {
            _world.Now = _world.Now.AddSeconds(1);
            var labels = string.Join(',', Enumerable.Range(0, i + 1).Select(n => $"\"l{n}\":\"\""));
            _world.Update(string.Create(CultureInfo.InvariantCulture, $"m{i:00}"), $$"""{"metadata":{"labels":{ {{labels}} } } }""");
        }
        Assert.Equal(10, _world.Entries().Count());
        Assert.Contains("ancient-changes Update: .metadata.labels .metadata.labels.l0 .metadata.labels.l1 .metadata.labels.l2 .metadata.labels.l3 .metadata.labels.l4\n", _world.Owners() + "\n", StringComparison.Ordinal);
    }

    [Fact]
    public void Update_OfTimesOnly_IsNoChange()
    {
        _world.Update("m", """{"metadata":{"resourceVersion":"1","generation":1},"spec":{"image":"x"}}""");
        var owners = _world.Owners();
        _world.Update("other", """{"metadata":{"resourceVersion":"2","generation":2,"uid":"u"},"spec":{"image":"x"}}""");
        Assert.Equal(owners, _world.Owners());
    }

    [Theory]
    [InlineData("kubectl/v1.32.0 (linux/amd64) kubernetes/abc", "kubectl")]
    [InlineData("curl", "curl")]
    [InlineData("", "unknown")]
    [InlineData(null, "unknown")]
    [InlineData("/x", "unknown")]
    public void NameFromUserAgent_IsWhatComesBeforeTheSlash(string? userAgent, string name) =>
        Assert.Equal(name, FieldManager.NameFromUserAgent(userAgent));
}
