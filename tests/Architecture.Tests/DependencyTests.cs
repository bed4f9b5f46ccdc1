namespace ControlPlane.Architecture.Tests;

/// <summary>Who may reference whom. An arrow that is not here is a decision to be made, not a build fix.</summary>
public sealed class DependencyTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["ControlPlane.Api"] = [],
        ["ControlPlane.Api.Machinery"] = ["ControlPlane.Api"],
        ["ControlPlane.Api.Client"] = ["ControlPlane.Api"],
        ["ControlPlane.Api.Storage"] = [],
        ["ControlPlane.Api.Storage.Etcd"] = ["ControlPlane.Api.Storage"],
        ["ControlPlane.Api.Server"] = ["ControlPlane.Api", "ControlPlane.Api.Machinery", "ControlPlane.Api.Storage", "ControlPlane.Api.Storage.Etcd"],
        ["ControlPlane.Controllers"] = ["ControlPlane.Api", "ControlPlane.Api.Client"],
        ["ControlPlane.Agent.Linux"] = [],
        ["ControlPlane.Agent.Shim.Contract"] = [],
        ["ControlPlane.Agent.Shim"] = ["ControlPlane.Agent.Linux", "ControlPlane.Agent.Shim.Contract"],
        ["ControlPlane.Agent.Images"] = ["ControlPlane.Agent.Linux"],
        ["ControlPlane.Agent.Networking"] = ["ControlPlane.Agent.Linux"],
        ["ControlPlane.Agent.Streaming"] = [],
        ["ControlPlane.Agent"] =
        [
            "ControlPlane.Api", "ControlPlane.Api.Client", "ControlPlane.Agent.Images", "ControlPlane.Agent.Networking",
            "ControlPlane.Agent.Streaming", "ControlPlane.Agent.Linux", "ControlPlane.Agent.Shim.Contract",
        ],
    };

    private static readonly Dictionary<string, string[]> Packages = new()
    {
        ["ControlPlane.Api.Machinery"] = ["YamlDotNet"],
        ["ControlPlane.Api.Client"] = ["YamlDotNet"],
        ["ControlPlane.Api.Storage.Etcd"] = ["Google.Protobuf", "Grpc.Tools"],
        ["ControlPlane.Api.Server"] = ["Google.Protobuf", "Grpc.Tools"],
    };

    [Fact]
    public void Projects_ReferenceOnlyWhatTheyMay()
    {
        var wrong = from project in Product.Projects
                    from reference in project.References.Except(AllowedFor(project.Name))
                    select $"{project.Name} must not reference {reference}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void Projects_UseOnlyTheirPackages()
    {
        var wrong = from project in Product.Projects
                    from package in project.Packages.Except(Packages.GetValueOrDefault(project.Name, []))
                    select $"{project.Name} must not use {package}: see hack/design/0002-dependencies.md";
        Assert.Empty(wrong);
    }

    private static IEnumerable<string> AllowedFor(string project)
    {
        if (Allowed.TryGetValue(project, out var references))
            return references;
        // A controller builds on the SDK alone; the host holds them all.
        string[] sdk = ["ControlPlane.Controllers", "ControlPlane.Api", "ControlPlane.Api.Client"];
        return project == "ControlPlane.Controllers.Host"
            ? sdk.Concat(Product.Projects.Select(static p => p.Name).Where(static name => name.StartsWith("ControlPlane.Controllers.", StringComparison.Ordinal)))
            : sdk;
    }
}
