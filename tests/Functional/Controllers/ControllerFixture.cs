using ControlPlane.Api.Client;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Controllers;
using ControlPlane.Testing;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Functional.Controllers;

/// <summary>A server of its own for each test of controllers, for they see everything in it; and the hosts that the test starts.</summary>
public abstract class ControllerFixture : IAsyncLifetime
{
    private readonly List<ControllerHost> _hosts = [];
    private readonly TestLog _log = new();

    protected static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    protected TestCluster Cluster { get; private set; } = null!;

    protected IApiClient Client { get; private set; } = null!;

    /// <summary>Errors that the tests provoke.</summary>
    protected virtual bool Expects(string error) => false;

    public async Task InitializeAsync()
    {
        Cluster = await TestCluster.StartAsync();
        Client = Cluster.CreateClient();
    }

    public async Task DisposeAsync()
    {
        foreach (var host in _hosts)
            await host.DisposeAsync();
        await Cluster.DisposeAsync();
        Assert.DoesNotContain(_log.Errors, error => !Expects(error));
    }

    protected ControllerHost Start(Action<ControllerHostBuilder> configure, bool leaderElect = false, string? listen = null, params (string Name, string Value)[] settings)
    {
        var builder = new ControllerHostBuilder(new ControllerHostOptions
        {
            Client = ClientConfig.FromKubeconfig(Cluster.AdminKubeconfigPath),
            LeaderElect = leaderElect,
            Listen = listen,
            Settings = settings.ToDictionary(static s => s.Name, static s => s.Value),
        });
        builder.ConfigureLogging(logging => logging.AddProvider(_log));
        configure(builder);
        var host = builder.Build();
        _hosts.Add(host);
        host.Start();
        return host;
    }

    protected async Task StopAsync(ControllerHost host)
    {
        _hosts.Remove(host);
        await host.DisposeAsync();
    }

    /// <summary>Creates a ConfigMap in the namespace default.</summary>
    protected Task<ConfigMap> CreateMapAsync(string name, params OwnerReference[] owners) => Client.CreateAsync(
        new ConfigMap { Metadata = new ObjectMeta { Name = name, Namespace = "default", OwnerReferences = owners } }, Soon);

    protected Task<ConfigMap?> FindMapAsync(string name) => Client.TryGetAsync<ConfigMap>(new ObjectKey("default", name), Soon);

    protected Task GoneAsync(string name) => Eventually.BeAsync(async () => await FindMapAsync(name) is null, $"{name} is gone", WorldAsync);

    /// <summary>What the hosts said, for the message of a failure.</summary>
    protected Task<string> WorldAsync() => Task.FromResult(string.Join('\n', _log.Lines.TakeLast(40)));
}
