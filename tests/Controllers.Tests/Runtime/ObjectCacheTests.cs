using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Controllers.Caching;

namespace ControlPlane.Controllers.Tests.Runtime;

public sealed class ObjectCacheTests
{
    private readonly ObjectCache<ConfigMap> _cache = new();

    [Fact]
    public void Replace_VanishedObjects_AreDeleted()
    {
        var changes = new List<(string?, string?)>();
        using var subscription = _cache.Subscribe(change => changes.Add((change.Old?.Metadata.Name, change.New?.Metadata.Name)));
        _cache.Replace([Map("a", "1"), Map("b", "2")], "2");
        changes.Clear();

        _cache.Replace([Map("b", "2"), Map("c", "3")], "3");

        // b did not change: nobody is told.
        Assert.Equal([(null, "c"), ("a", null)], changes.OrderBy(static c => c.Item1, StringComparer.Ordinal));
    }

    [Fact]
    public void Subscribe_Late_SeesWhatExists()
    {
        _cache.Replace([Map("a", "1")], "1");
        var seen = new List<string?>();

        using (_cache.Subscribe(change => seen.Add(change.New?.Metadata.Name)))
            _cache.Set(Map("b", "2"), "2");
        _cache.Set(Map("c", "3"), "3");

        Assert.Equal(["a", "b"], seen);
    }

    [Fact]
    public void IndexBy_ChangingValues_FollowsThem()
    {
        var index = _cache.IndexBy("color", static map => map.Metadata.Labels.TryGetValue("color", out var color) ? [color] : []);
        _cache.Set(Map("a", "1", "red"), "1");
        _cache.Set(Map("b", "2", "red"), "2");
        _cache.Set(Map("a", "3", "blue"), "3");

        Assert.Equal("b", Assert.Single(index["red"]).Metadata.Name);
        Assert.Equal("a", Assert.Single(index["blue"]).Metadata.Name);
        _cache.Remove(new ObjectKey("ns", "b"), "4");
        Assert.Empty(index["red"]);
        Assert.Same(index, _cache.IndexBy("color", static _ => []));
    }

    [Fact]
    public void OwnedBy_ControllingOwner_FindsItsChildrenOnly()
    {
        var owner = Map("owner", "1") with { Metadata = new ObjectMeta { Name = "owner", Namespace = "ns", Uid = "u1" } };
        var child = Map("child", "2");
        _cache.Set(child with { Metadata = child.Metadata with { OwnerReferences = [owner.AsController()] } }, "2");
        var friend = Map("friend", "3");
        _cache.Set(friend with { Metadata = friend.Metadata with { OwnerReferences = [owner.AsController() with { Controller = null }] } }, "3");

        Assert.Equal("child", Assert.Single(_cache.OwnedBy("u1")).Metadata.Name);
    }

    [Fact]
    public async Task WaitForAsync_LaterVersion_CompletesWhenSeen()
    {
        _cache.Replace([], "9");
        var wait = _cache.WaitForAsync("10", CancellationToken.None);
        Assert.False(wait.IsCompleted);

        _cache.Advance("9");
        Assert.False(wait.IsCompleted);
        _cache.Advance("11");

        await wait.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task WaitForAbsenceAsync_Recreated_CountsAsGone()
    {
        var old = Map("a", "1") with { Metadata = new ObjectMeta { Name = "a", Namespace = "ns", Uid = "old", ResourceVersion = "1" } };
        _cache.Replace([old], "1");
        var wait = _cache.WaitForAbsenceAsync(new ObjectKey("ns", "a"), "old", CancellationToken.None);
        Assert.False(wait.IsCompleted);

        _cache.Set(old with { Metadata = old.Metadata with { Uid = "new", ResourceVersion = "5" } }, "5");

        await wait.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task WaitForAsync_Cancelled_IsForgotten()
    {
        _cache.Replace([], "1");
        using var stop = new CancellationTokenSource();
        var wait = _cache.WaitForAsync("2", stop.Token);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        _cache.Advance("2");
    }

    [Fact]
    public void Set_ManagedFields_AreDropped()
    {
        var map = Map("a", "1");
        _cache.Set(map with { Metadata = map.Metadata with { ManagedFields = [new ManagedFieldsEntry { Manager = "m" }] } }, "1");

        Assert.Empty(_cache.Find(new ObjectKey("ns", "a"))!.Metadata.ManagedFields);
    }

    [Theory]
    [InlineData(null, "1", false)]
    [InlineData("9", "10", false)]
    [InlineData("10", "9", true)]
    [InlineData("10", "10", true)]
    [InlineData("199", "200", false)]
    public void IsAtLeast_DecimalVersions_ComparesAsNumbers(string? version, string other, bool expected) =>
        Assert.Equal(expected, ResourceVersions.IsAtLeast(version, other));

    private static ConfigMap Map(string name, string version, string? color = null) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = name,
            Namespace = "ns",
            ResourceVersion = version,
            Labels = color is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["color"] = color },
        },
    };
}
