using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Apply;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Schema;
using Xunit;

namespace ControlPlane.Api.Tests.Machinery.Apply;

public class ServerSideApplyTests
{
    private readonly ApplyWorld _world = new();

    [Fact]
    public void Apply_ToNothing_CreatesAndOwnsWhatItSays()
    {
        _world.Apply("A", """{"spec":{"replicas":2,"tags":["a"]}}""");
        _world.AssertSpec("""{"replicas":2,"tags":["a"]}""");
        Trees.AssertSame(
            """
            [{"apiVersion":"hw.example.dev/v1alpha1","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:replicas":{},"f:tags":{"v:\"a\"":{}}}},
            "manager":"A","operation":"Apply","time":"2026-11-20T17:44:19Z"}]
            """,
            _world.Live!["metadata"]!["managedFields"]);
    }

    [Fact]
    public void Apply_BySeveralManagers_MergesAsUpstreamRecorded()
    {
        _world.Apply("A", """{"spec":{"replicas":2,"tags":["a"]}}""");
        Assert.Equal("Apply failed with 1 conflict: conflict with \"A\": .spec.replicas", _world.Conflict("C", """{"spec":{"replicas":3}}"""));
        _world.Apply("B", """{"spec":{"replicas":2,"tags":["b"]}}""");
        _world.AssertSpec("""{"replicas":2,"tags":["a","b"]}""");
        _world.AssertOwners("A Apply: .spec.replicas .spec.tags[=\"a\"]\nB Apply: .spec.replicas .spec.tags[=\"b\"]");
        _world.Apply("A", """{"spec":{"replicas":3}}""", force: true);
        _world.AssertSpec("""{"replicas":3,"tags":["b"]}""");
        _world.AssertOwners("A Apply: .spec.replicas\nB Apply: .spec.tags[=\"b\"]");
    }

    [Fact]
    public void Apply_AgainstAnUpdater_ReportsEveryFieldInOrder()
    {
        _world.Update("U", """{"spec":{"replicas":1,"color":"red"}}""");
        Assert.Equal(
            "Apply failed with 2 conflicts: conflicts with \"U\" using hw.example.dev/v1alpha1:\n- .spec.color\n- .spec.replicas",
            _world.Conflict("A", """{"spec":{"replicas":3,"color":"blue"}}"""));
    }

    [Fact]
    public void Apply_AgainstSeveral_GroupsByManager()
    {
        _world.Apply("B", """{"spec":{"color":"red","tags":["x"]}}""");
        _world.Update("U", """{"spec":{"color":"red","tags":["x"],"replicas":1}}""");
        _world.Update("U", """{"spec":{"color":"red","tags":["x"],"replicas":1},"status":{"phase":"x"}}""", subresource: "status");
        Assert.Equal(
            "Apply failed with 2 conflicts: conflicts with \"B\":\n- .spec.color\nconflicts with \"U\" using hw.example.dev/v1alpha1:\n- .spec.replicas",
            _world.Conflict("A", """{"spec":{"replicas":3,"color":"blue"}}"""));
        Assert.Equal(
            "Apply failed with 1 conflict: conflict with \"U\" with subresource \"status\" using hw.example.dev/v1alpha1: .status.phase",
            _world.Conflict("A", """{"status":{"phase":"y"}}""", subresource: "status"));
    }

    [Fact]
    public void Apply_TheSameTwice_ChangesNothingNotEvenTimes()
    {
        _world.Apply("A", """{"spec":{"replicas":2,"containers":[{"name":"c","env":{"k":"v"}}],"any":{"x":[1]}},"metadata":{"labels":{"l":"1"}}}""");
        var before = _world.Live!.DeepClone();
        _world.Now = _world.Now.AddHours(1);
        _world.Apply("A", """{"spec":{"replicas":2,"containers":[{"name":"c","env":{"k":"v"}}],"any":{"x":[1]}},"metadata":{"labels":{"l":"1"}}}""");
        Trees.AssertSame(before.ToJsonString(), _world.Live);
    }

    [Fact]
    public void Apply_WithoutAField_RemovesItUnlessSomebodyElseOwnsIt()
    {
        _world.Apply("A", """{"spec":{"color":"red","replicas":1,"image":"x"}}""");
        _world.Apply("B", """{"spec":{"replicas":1}}""");
        _world.Apply("A", """{"spec":{"image":"x"}}""");
        _world.AssertSpec("""{"replicas":1,"image":"x"}""");
        _world.AssertOwners("A Apply: .spec.image\nB Apply: .spec.replicas");
    }

    [Fact]
    public void Apply_WithoutAnItem_RemovesTheItemAndWhatNobodyOwnsInIt()
    {
        _world.Apply("A", """{"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"1"}]}}""");
        _world.Update("U", """{"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"1","env":{"x":"y"}}]}}""");
        _world.Apply("A", """{"spec":{"containers":[{"name":"a","image":"1"}]}}""");
        _world.AssertSpec("""{"containers":[{"name":"a","image":"1"}]}""");
    }

    [Fact]
    public void Apply_WithoutAnItemThatAnotherApplies_LeavesTheOthersPart()
    {
        _world.Apply("A", """{"spec":{"containers":[{"name":"a","image":"1","env":{"x":"1"}}]}}""");
        _world.Apply("B", """{"spec":{"containers":[{"name":"a","env":{"y":"2"}}]}}""");
        _world.Apply("A", """{"spec":{"replicas":1}}""");
        _world.AssertSpec("""{"replicas":1,"containers":[{"name":"a","env":{"y":"2"}}]}""");
    }

    [Fact]
    public void Apply_WithoutAStructure_RemovesItWithItsDefaults()
    {
        _world.Apply("A", """{"spec":{"image":"x","strategy":{"type":"Rolling"}}}""");
        _world.Live!["spec"]!["strategy"]!["surge"] = 1;
        _world.Live!["spec"]!["color"] = "default";
        _world.Apply("A", """{"spec":{"image":"x"}}""");
        _world.AssertSpec("""{"image":"x","color":"default"}""");
    }

    [Fact]
    public void Apply_WithoutItsLabels_KeepsIdentity()
    {
        _world.Apply("A", """{"metadata":{"labels":{"l":"1"}},"spec":{"image":"x"}}""");
        _world.Live!["metadata"]!["uid"] = "u";
        _world.Apply("A", """{"spec":{"image":"x"}}""");
        Assert.Equal("u", _world.Live["metadata"]!["uid"]!.GetValue<string>());
        Assert.Null(_world.Live["metadata"]!["labels"]);
    }

    [Fact]
    public void Apply_Everything_Gone_LeavesNoEntry()
    {
        _world.Apply("A", """{"spec":{"image":"x"}}""");
        _world.Apply("A", "{}");
        Assert.Null(_world.Spec);
        Assert.Empty(_world.Entries());
    }

    [Fact]
    public void Apply_AnAtomicValue_IsOwnedWhole()
    {
        _world.Apply("A", """{"spec":{"args":["a","b"],"selector":{"k":"v"}}}""");
        _world.AssertOwners("A Apply: .spec.args .spec.selector");
        Assert.Contains(".spec.selector", _world.Conflict("B", """{"spec":{"selector":{"z":"z"}}}"""), StringComparison.Ordinal);
        _world.Apply("B", """{"spec":{"selector":{"z":"z"}}}""", force: true);
        _world.AssertSpec("""{"args":["a","b"],"selector":{"z":"z"}}""");
    }

    [Fact]
    public void Apply_DifferentItemsOfAList_KeepsBothWithTheirOrder()
    {
        _world.Apply("A", """{"spec":{"containers":[{"name":"a"},{"name":"c"}]}}""");
        _world.Apply("B", """{"spec":{"containers":[{"name":"b"},{"name":"c"}]}}""");
        _world.AssertSpec("""{"containers":[{"name":"a"},{"name":"b"},{"name":"c"}]}""");
        _world.Apply("A", """{"spec":{"containers":[{"name":"c"},{"name":"a"}]}}""");
        _world.AssertSpec("""{"containers":[{"name":"b"},{"name":"c"},{"name":"a"}]}""");
    }

    [Fact]
    public void Apply_KeysWithDefaults_MeanTheSameItem()
    {
        _world.Apply("A", """{"spec":{"ports":[{"port":80,"name":"web"}]}}""");
        _world.AssertOwners("A Apply: .spec.ports[port=80,protocol=\"TCP\"] .spec.ports[port=80,protocol=\"TCP\"].name .spec.ports[port=80,protocol=\"TCP\"].port");
        _world.Live!["spec"]!["ports"]![0]!["protocol"] = "TCP";
        _world.Apply("B", """{"spec":{"ports":[{"port":80,"protocol":"UDP"},{"port":80,"protocol":"TCP","name":"web"}]}}""");
        Assert.Equal(2, _world.Spec!["ports"]!.AsArray().Count);
    }

    [Fact]
    public void Apply_OnAnUntrackedObject_AttributesWhatWasThere()
    {
        _world.Live = Trees.Object("""{"apiVersion":"hw.example.dev/v1alpha1","kind":"App","metadata":{"name":"a1","uid":"u"},"spec":{"replicas":1}}""");
        Assert.Equal(
            "Apply failed with 1 conflict: conflict with \"before-first-apply\" using hw.example.dev/v1alpha1: .spec.replicas",
            _world.Conflict("A", """{"spec":{"replicas":2}}"""));
        _world.Apply("A", """{"spec":{"color":"red"}}""");
        _world.AssertOwners("A Apply: .spec.color\nbefore-first-apply Update: .spec .spec.replicas");
    }

    [Fact]
    public void Apply_OfStatus_TouchesOnlyStatusAndTheObjectOnlyTheRest()
    {
        _world.Apply("A", """{"spec":{"replicas":1},"status":{"phase":"no"}}""");
        Assert.Null(_world.Live!["status"]);
        _world.Apply("A", """{"spec":{"replicas":9},"status":{"phase":"yes"}}""", subresource: "status");
        _world.AssertSpec("""{"replicas":1}""");
        _world.AssertOwners("A Apply: .spec.replicas\nA Apply/status: .status.phase");
    }

    [Fact]
    public void Apply_OfNull_OwnsTheField()
    {
        _world.Apply("A", """{"metadata":{"creationTimestamp":null},"spec":{"replicas":null}}""");
        _world.AssertOwners("A Apply: .spec.replicas");
        Assert.False(_world.Live!["metadata"]!.AsObject().ContainsKey("creationTimestamp"));
    }

    [Theory]
    [InlineData("""{"spec":{"foo":1}}""", ".spec.foo: field not declared in schema")]
    [InlineData("""{"spec":{"replicas":"x"}}""", ".spec.replicas: expected numeric (int or float), got \"x\"")]
    [InlineData("""{"spec":{"tags":["a","a"]}}""", ".spec.tags: duplicate entries for key [=\"a\"]")]
    [InlineData("""{"spec":{"containers":[{"name":"a"},{"name":"a"}]}}""", ".spec.containers: duplicate entries for key [name=\"a\"]")]
    [InlineData("""{"spec":{"containers":[{"image":"a"}]}}""", ".spec.containers: element 0: associative list with keys has an element that omits key field \"name\" (and doesn't have default value)")]
    [InlineData("""{"spec":{"containers":[{"name":"c","zz":1}]}}""", ".spec.containers[name=\"c\"].zz: field not declared in schema")]
    [InlineData("""{"spec":5}""", ".spec: expected map, got 5")]
    [InlineData("""{"spec":{"foo":1,"bar":2}}""", "errors:\n  .spec.foo: field not declared in schema\n  .spec.bar: field not declared in schema")]
    public void Apply_OutsideTheSchema_IsRefusedInKnownWords(string body, string problem)
    {
        var refused = Assert.IsType<ApplyOutcome.Refused>(_world.TryApply("A", body));
        Assert.Equal(ApplyFault.NotTyped, refused.Fault);
        Assert.Equal("failed to create typed patch object (/a1; hw.example.dev/v1alpha1, Kind=App): " + problem, refused.Message);
    }

    [Theory]
    [InlineData("""{"apiVersion":"hw.example.dev/v2"}""", "invalid object type: hw.example.dev/v2, Kind=App")]
    [InlineData("""{"kind":"Pod"}""", "invalid object type: hw.example.dev/v1alpha1, Kind=Pod")]
    [InlineData("""{"metadata":{"managedFields":[]}}""", "metadata.managedFields must be nil")]
    public void Apply_OfAnotherObject_IsRefused(string body, string message)
    {
        var refused = Assert.IsType<ApplyOutcome.Refused>(_world.TryApply("A", body));
        Assert.Equal(ApplyFault.WrongObject, refused.Fault);
        Assert.Equal(message, refused.Message);
    }

    [Fact]
    public void Apply_AfterClientSideApply_TakesItsFieldsOver()
    {
        const string Configuration = """{"apiVersion":"hw.example.dev/v1alpha1","kind":"App","metadata":{"name":"a1"},"spec":{"image":"1","color":"red"}}""";
        var annotated = Trees.Object("""{"metadata":{"annotations":{}},"spec":{"image":"1","color":"red","replicas":4}}""");
        annotated["metadata"]!["annotations"]!["kubectl.kubernetes.io/last-applied-configuration"] = Configuration + "\n";
        _world.Update("kubectl-client-side-apply", annotated.ToJsonString());

        _world.Apply("kubectl", """{"spec":{"image":"2"}}""");

        _world.AssertSpec("""{"image":"2","replicas":4}""");
        var annotation = _world.Live!["metadata"]!["annotations"]!["kubectl.kubernetes.io/last-applied-configuration"]!.GetValue<string>();
        Trees.AssertSame("""{"apiVersion":"hw.example.dev/v1alpha1","kind":"App","metadata":{"name":"a1"},"spec":{"image":"2"}}""", JsonNode.Parse(annotation));
        Assert.StartsWith("kubectl Apply: .spec.image\n", _world.Owners(), StringComparison.Ordinal);
        Assert.Contains(".spec.replicas", _world.Conflict("other", """{"spec":{"replicas":1}}"""), StringComparison.Ordinal);
    }

    [Fact]
    public void Apply_AfterClientSideApply_ByAnotherManager_Conflicts()
    {
        _world.Update("kubectl-client-side-apply", """{"metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{}"}},"spec":{"image":"1"}}""");
        Assert.Contains("kubectl-client-side-apply", _world.Conflict("ci", """{"spec":{"image":"2"}}"""), StringComparison.Ordinal);
    }

    [Fact]
    public void Apply_WhereTheSchemaBecameAtomic_FindsTheFormerOwners()
    {
        _world.Apply("A", """{"spec":{"args":["a"]}}""");
        _world.Live!["metadata"]!["managedFields"]![0]!["fieldsV1"] = Trees.Node("""{"f:spec":{"f:args":{"v:\"a\"":{}}}}""");
        Assert.Equal("Apply failed with 1 conflict: conflict with \"A\": .spec.args", _world.Conflict("B", """{"spec":{"args":["b"]}}"""));
        _world.Update("U", """{"spec":{"args":["c"]}}""");
        _world.AssertOwners("U Update: .spec.args");
    }
}
