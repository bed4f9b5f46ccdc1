using ControlPlane.Testing;

namespace ControlPlane.Functional.Api;

/// <summary>One server for all tests of the API that need nothing special of it; each test works in a namespace of its own.</summary>
public sealed class ApiFixture : IAsyncLifetime
{
    private int _namespaces;

    public TestCluster Cluster { get; private set; } = null!;

    public async Task InitializeAsync() => Cluster = await TestCluster.StartAsync();

    public async Task DisposeAsync() => await Cluster.DisposeAsync();

    /// <summary>Makes a namespace that no other test uses.</summary>
    public async Task<string> NewNamespaceAsync()
    {
        var name = $"test-{Interlocked.Increment(ref _namespaces)}";
        using var http = Cluster.CreateHttpClient();
        var answer = await http.SendJsonAsync(HttpMethod.Post, "/api/v1/namespaces", $$$"""{"metadata":{"name":"{{{name}}}"}}""");
        Assert.Equal(201, answer.Code);
        return name;
    }
}

/// <summary>Tests that share a server.</summary>
[CollectionDefinition(Name)]
public sealed class ApiCollection : ICollectionFixture<ApiFixture>
{
    public const string Name = "api";
}
