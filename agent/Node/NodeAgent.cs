using System.Net;
using ControlPlane.Agent.Containers;
using ControlPlane.Agent.Endpoint;
using ControlPlane.Agent.Events;
using ControlPlane.Agent.Hooks;
using ControlPlane.Agent.Images;
using ControlPlane.Agent.Logs;
using ControlPlane.Agent.Networks;
using ControlPlane.Agent.Objects;
using ControlPlane.Agent.Pods;
using ControlPlane.Agent.Probes;
using ControlPlane.Agent.Recovery;
using ControlPlane.Agent.Reporting;
using ControlPlane.Agent.Streaming.Commands;
using ControlPlane.Agent.Streaming.Forwarding;
using ControlPlane.Api.Client;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Discovery.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Platform.V1;
using Microsoft.Extensions.Logging.Console;

namespace ControlPlane.Agent;

/// <summary>
/// Composition root. What runs, in order: recovery, then side by side the watches, the pods, the network, the node's reports and the
/// endpoint. Any of them ending unexpectedly ends the process; pods go on without it, and the next agent takes them over.
/// </summary>
internal static class NodeAgent
{
    /// <exception cref="AgentOptionsException">The endpoint has no certificate or no authority: it is never served open.</exception>
    public static WebApplication Build(AgentOptions options)
    {
        if (options.TlsCertificate.Length == 0 || options.TlsKey.Length == 0 || options.ClientCa.Length == 0)
            throw new AgentOptionsException(["--tls-cert, --tls-key and --client-ca are needed to serve logs and streams"]);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.Sources.Clear();
        builder.Logging.AddSimpleConsole(OneLineWithTime);
        builder.Logging.SetMinimumLevel(options.Verbose ? LogLevel.Debug : LogLevel.Information);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        builder.WebHost.ConfigureKestrel(kestrel => NodeEndpoint.Configure(kestrel, options));
        AddCore(builder.Services, options);
        AddApi(builder.Services, options);
        AddPods(builder.Services, options);
        AddLoops(builder.Services, options);
        builder.Services.AddSingleton<LogReader>().AddSingleton<StatsSummary>().AddSingleton<AgentMetrics>();
        builder.Services.AddSingleton<RemoteCommandServer>().AddSingleton<PortForwardServer>();

        var app = builder.Build();
        app.UseWebSockets();
        app.Use(EndpointErrors.HandleAsync);
        NodeEndpoint.Map(app);
        return app;
    }

    /// <summary>Takes away everything that agents with these options made. Needs neither the API nor an identity.</summary>
    public static async Task<bool> CleanUpAsync(AgentOptions options, CancellationToken cancellation)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddSimpleConsole(OneLineWithTime));
        AddCore(services, options);

        // Volumes are mounts in the pod's directory, whose own hook takes away what is mounted there.
        services.AddSingleton(s => CreateHooks(options, s, []));
        await using var provider = services.BuildServiceProvider();
        return await ActivatorUtilities.CreateInstance<NodeCleanup>(provider).RunAsync(cancellation);
    }

    private static void OneLineWithTime(SimpleConsoleFormatterOptions console)
    {
        console.SingleLine = true;
        console.UseUtcTimestamp = true;
        console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
    }

    private static void AddCore(IServiceCollection services, AgentOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<NodeNetwork>();
        services.AddSingleton(s => new PodStore(options.RootDirectory, s.GetRequiredService<ILogger<PodStore>>()));
    }

    private static void AddApi(IServiceCollection services, AgentOptions options)
    {
        services.AddSingleton<IApiClient>(s => new ApiClient(
            ClientConfig.Find(options.Kubeconfig) with { UserAgent = "controlplane-agent" }, s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ClusterView>();
        services.AddSingleton<ConfigObjects>();
        services.AddSingleton<VolumesHook>();
        services.AddSingleton(s => CreateHooks(options, s, [s.GetRequiredService<VolumesHook>()]));
    }

    /// <summary>What a pod's containers share, in the order in which it is made; hooks of one line work side by side.</summary>
    private static SandboxHooks CreateHooks(AgentOptions options, IServiceProvider services, IReadOnlyList<IPodHook> volumes)
    {
        var network = services.GetRequiredService<NodeNetwork>();
        return new SandboxHooks(
        [
            [new PodDirectoryHook()],
            [new CgroupHook(options.EffectiveCgroupRoot)],
            [.. volumes, new NetworkHook(network), new ShimHook(options.Shim, options.Runc)],
            [new EtcHook(network)],
        ]);
    }

    private static void AddPods(IServiceCollection services, AgentOptions options)
    {
        services.AddSingleton(s => ImageStore.Open(
            new ImageStoreOptions { Root = Path.Combine(Path.GetFullPath(options.RootDirectory), "images") },
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<ImageStore>>()));
        services.AddSingleton<ImagePuller>();
        services.AddSingleton(s => new ImageDirectory(
            options.ImageDirectory,
            Path.Combine(Path.GetFullPath(options.RootDirectory), "imported.json"),
            s.GetRequiredService<ImageStore>(),
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<ImageDirectory>>()));
        services.AddSingleton<ImageSource>();
        services.AddSingleton(new ContainerConfigBuilder(options.EffectiveCgroupRoot, MachineFacts.MemoryBytes(), MachineFacts.LowestOomScore()));
        services.AddSingleton(s => new ContainerStarter(
            s.GetRequiredService<ConfigObjects>(),
            s.GetRequiredService<ClusterView>().Vips,
            s.GetRequiredService<ImageStore>(),
            s.GetRequiredService<ContainerConfigBuilder>(),
            IPAddress.Parse(options.NodeIp)));
        services.AddSingleton(s => new EventRecorder(
            s.GetRequiredService<IApiClient>(), options.NodeName, s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<EventRecorder>>()));
        services.AddSingleton<Prober>();
        services.AddSingleton<PodOperations>();
        services.AddSingleton<PodRecovery>();
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<PodWorkerServices>(s) with { HostIp = options.NodeIp });
        services.AddSingleton<PodManager>();
    }

    private static void AddLoops(IServiceCollection services, AgentOptions options)
    {
        services.AddHostedService<RecoveryStep>();
        services.AddHostedService(s => s.GetRequiredService<EventRecorder>());
        services.AddHostedService(s => s.GetRequiredService<ImageDirectory>());
        services.AddSingleton<NetworkSync>().AddHostedService(s => s.GetRequiredService<NetworkSync>());
        services.AddHostedService(s => s.GetRequiredService<PodManager>());
        AddWatch(services, "spec.nodeName=" + options.NodeName, s => (IObjectSink<Pod>)s.GetRequiredService<PodManager>());
        AddWatch<Node>(services, null, s => s.GetRequiredService<ClusterView>().Nodes);
        AddWatch<Vip>(services, null, s => s.GetRequiredService<ClusterView>().Vips);
        AddWatch<EndpointSlice>(services, null, s => s.GetRequiredService<ClusterView>().Slices);
        services.AddSingleton<RuntimeProbe>();
        services.AddHostedService<LeaseRenewer>();
        services.AddHostedService<NodeReporter>();
        services.AddHostedService<VolumeRefresher>();
        services.AddHostedService<ImageCollector>();
    }

    private static void AddWatch<T>(IServiceCollection services, string? fieldSelector, Func<IServiceProvider, IObjectSink<T>> sink) where T : Resource =>
        services.AddHostedService(s => new ObjectWatch<T>(
            s.GetRequiredService<IApiClient>(), fieldSelector, sink(s), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<ObjectWatch<T>>>()));
}
