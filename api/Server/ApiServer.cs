using ControlPlane.Api.Server.Admission;
using ControlPlane.Api.Server.Authentication;
using ControlPlane.Api.Server.Authorization;
using ControlPlane.Api.Server.Bootstrap;
using ControlPlane.Api.Server.Definitions;
using ControlPlane.Api.Server.Discovery;
using ControlPlane.Api.Server.Health;
using ControlPlane.Api.Server.Hosting;
using ControlPlane.Api.Server.OpenApi;
using ControlPlane.Api.Server.Registry;
using ControlPlane.Api.Server.Requests;
using ControlPlane.Api.Server.Requests.Filters;
using ControlPlane.Api.Server.Rest;
using ControlPlane.Api.Server.Rest.Subresources;
using ControlPlane.Api.Server.Reviews;
using ControlPlane.Api.Server.Streaming;
using ControlPlane.Api.Server.Telemetry;
using ControlPlane.Api.Server.Watching;
using ControlPlane.Api.Storage;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace ControlPlane.Api.Server;

/// <summary>The API server: made of its parts here and nowhere else. Tests start it in process as the program does.</summary>
public sealed class ApiServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly IRevisionStore _store;
    private readonly ServerLifetime _lifetime = new();
    private readonly ServerMetrics _metrics = new();
    private readonly MetricsPage _metricsPage;
    private readonly CancellationTokenSource _stopFeed = new();
    private readonly TimeSpan _shutdownDelay;
    private readonly WatchHub _hub;
    private readonly ServiceAccountTokens? _tokens;
    private Task _feed = Task.CompletedTask;

    private ApiServer(WebApplication app, IRevisionStore store, ApiServerOptions options)
    {
        _app = app;
        _store = store;
        _metricsPage = new MetricsPage(_metrics.Meter);
        _shutdownDelay = TimeSpan.FromSeconds(options.ShutdownDelaySeconds);
        var time = TimeProvider.System;
        var logs = app.Services.GetRequiredService<ILoggerFactory>();
        var protector = new ValueProtector(KeysOf(options));
        _hub = new WatchHub(store, protector, new WatchCacheLimits(options.WatchHistoryBytes), time, logs.CreateLogger<WatchHub>());
        Objects = new ResourceStore(store, protector, _hub);
        if (options.ServiceAccountKey.Length > 0)
            _tokens = new ServiceAccountTokens(File.ReadAllText(options.ServiceAccountKey), options.ServiceAccountIssuer, _hub, time);
        app.Run(Pipeline(options, time, logs));
    }

    /// <summary>Addresses the server listens on, with the ports it took.</summary>
    public IReadOnlyList<Uri> Addresses =>
        [.. _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(a => new Uri(a))];

    internal DefinitionRegistry Definitions { get; } = new();

    internal ResourceStore Objects { get; }

    /// <summary>Opens the store, loads what it holds and listens.</summary>
    /// <param name="options">Checked first; every mistake is reported.</param>
    /// <param name="logging">Where logs go; null = the console.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OptionsException">The options cannot be used.</exception>
    /// <exception cref="StoreException">The store cannot be opened.</exception>
    public static async Task<ApiServer> StartAsync(ApiServerOptions options, Action<ILoggingBuilder>? logging = null, CancellationToken cancellationToken = default)
    {
        if (options.Validate() is { Count: > 0 } problems)
            throw new OptionsException(problems);
        // Empty: no configuration files that are watched, no routing; options and pipeline are our own.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        (logging ?? LogToConsole)(builder.Logging);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => KestrelSetup.Configure(kestrel, options));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(10));
        var store = await StoreFactory.OpenAsync(options.Storage, TimeProvider.System, cancellationToken);
        ApiServer? server = null;
        try
        {
            server = new ApiServer(builder.Build(), store, options);
            await server.RunAsync(cancellationToken);
            return server;
        }
        catch
        {
            await (server?.DisposeAsync() ?? store.DisposeAsync());
            throw;
        }
    }

    /// <summary>Completes when the process is told to stop, or when the server cannot go on.</summary>
    /// <exception cref="Exception">What ended the feed of the store.</exception>
    public async Task WaitForStopAsync()
    {
        var stopped = _app.WaitForShutdownAsync();
        // A server without its feed would serve the past: it stops instead.
        if (await Task.WhenAny(stopped, _feed) == _feed)
            await _feed;
        await stopped;
    }

    /// <summary>Stops in stages: not ready, refuse, end watches, close, release the store.</summary>
    public async ValueTask DisposeAsync()
    {
        await _lifetime.StopAsync(_shutdownDelay, TimeProvider.System);
        await _app.StopAsync();
        await _stopFeed.CancelAsync();
        try
        {
            await _feed;
        }
        finally
        {
            await _app.DisposeAsync();
            await _store.DisposeAsync();
            _stopFeed.Dispose();
            _lifetime.Dispose();
            _metricsPage.Dispose();
            _metrics.Dispose();
            _tokens?.Dispose();
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        await _hub.LoadAsync(cancellationToken);
        _feed = _hub.RunAsync(_stopFeed.Token);
        await new SystemObjects(Objects, Definitions, TimeProvider.System).EnsureAsync(cancellationToken);
        _app.Lifetime.ApplicationStopping.Register(() => _lifetime.StopAsync(_shutdownDelay, TimeProvider.System).GetAwaiter().GetResult());
        await _app.StartAsync(cancellationToken);
    }

    /// <summary>A request's way, outermost first.</summary>
    private RequestDelegate Pipeline(ApiServerOptions options, TimeProvider time, ILoggerFactory logs)
    {
        var rbac = new RbacObjects(_hub);
        var authorizer = new AuthorizerChain([new NodeAuthorizer(Objects, Definitions), new RbacAuthorizer(rbac)]);
        Definitions.Add(ReviewDefinitions.Build(authorizer, rbac, _tokens));
        List<IAuthenticator> authenticators =
        [
            new ClientCertificateAuthenticator(KestrelSetup.LoadAuthorities(options.ClientCa), time, logs.CreateLogger<ClientCertificateAuthenticator>()),
        ];
        if (_tokens is not null)
            authenticators.Add(new BearerTokenAuthenticator(_tokens));
        var limits = new InFlightLimits(options.MaxReadsInFlight, options.MaxWritesInFlight);
        RequestDelegate next = Handler(options, authorizer, rbac, time, logs).InvokeAsync;
        next = new AuthorizationFilter(next, authorizer).InvokeAsync;
        next = new InFlightFilter(next, limits, _lifetime, _metrics, time).InvokeAsync;
        next = new ImpersonationFilter(next, authorizer).InvokeAsync;
        next = new AuthenticationFilter(next, authenticators).InvokeAsync;
        next = new WarningFilter(next).InvokeAsync;
        next = new RequestInfoFilter(next).InvokeAsync;
        next = new ErrorFilter(next, logs.CreateLogger<ErrorFilter>()).InvokeAsync;
        return new AuditIdFilter(next, time).InvokeAsync;
    }

    private RequestHandler Handler(ApiServerOptions options, IAuthorizer authorizer, RbacObjects rbac, TimeProvider time, ILoggerFactory logs)
    {
        var admission = new AdmissionChain([new NodeRestriction(), new ServiceAccountDefault(), new RbacEscalation(rbac, authorizer), new NamespaceLifecycle(Objects, Definitions)]);
        var preparer = new ObjectPreparer(admission, time);
        var creator = new ObjectCreator(Objects, preparer, time);
        var updater = new ObjectUpdater(Objects, preparer);
        var deleter = new ObjectDeleter(Objects, admission, time);
        var reader = new ListReader(Objects, _hub);
        var subresources = Subresources(updater, deleter, options, time);
        Definitions.Add(BuiltInDefinitions.Build(subresources));
        var router = new ResourceRouter(Definitions, new Dictionary<string, IVerbHandler>
        {
            ["get"] = new GetHandler(Objects, _hub, time),
            ["list"] = new ListHandler(reader, time),
            ["watch"] = new WatchHandler(Objects, new WatchSource(_hub, time), _lifetime, _metrics),
            ["create"] = new CreateHandler(creator, time),
            ["update"] = new UpdateHandler(updater, time),
            ["patch"] = new PatchHandler(updater, new ApplyHandler(updater, creator, authorizer, time), time),
            ["delete"] = new DeleteHandler(deleter, time),
            ["deletecollection"] = new DeleteCollectionHandler(reader, deleter),
        });
        return new RequestHandler(router, new DiscoveryHandler(Definitions), new OpenApiHandler(new OpenApiV3Handler(Definitions), new OpenApiV2Handler(Definitions)), new HealthHandler(Checks(), logs.CreateLogger<HealthHandler>()), _metricsPage);
    }

    private SubresourceCatalog Subresources(ObjectUpdater updater, ObjectDeleter deleter, ApiServerOptions options, TimeProvider time)
    {
        var proxy = options.AgentClientCert.Length == 0 ? null : new AgentProxy(new AgentDialer(
            KestrelSetup.LoadCertificate(options.AgentClientCert, options.AgentClientKey), KestrelSetup.LoadAuthorities(options.ClusterCa)), _lifetime);
        var streams = new PodStreamHandler(Objects, Definitions, proxy);
        return new SubresourceCatalog()
            .AddScale(new ScaleHandler(Objects, updater))
            .Add("", "namespaces", "finalize", new("", "v1", "Namespace"), new FinalizeHandler(updater, time), "update")
            .Add("", "pods", "binding", new("", "v1", "Binding"), new BindingHandler(Objects, time), "create")
            .Add("", "pods", "eviction", new("policy", "v1", "Eviction"), new EvictionHandler(deleter), "create")
            .Add("", "serviceaccounts", "token", new("authentication.k8s.io", "v1", "TokenRequest"), new TokenHandler(Objects, Definitions, _tokens, time), "create")
            .Add("", "pods", "log", new("", "v1", "Pod"), streams, "get")
            .Add("", "pods", "exec", new("", "v1", "PodExecOptions"), streams, "create", "get")
            .Add("", "pods", "attach", new("", "v1", "PodAttachOptions"), streams, "create", "get")
            .Add("", "pods", "portforward", new("", "v1", "PodPortForwardOptions"), streams, "create", "get");
    }

    private HealthCheck[] Checks() =>
    [
        new("ping", IsForReadiness: false, static _ => ValueTask.FromResult<string?>(null)),
        new("etcd", IsForReadiness: false, async ct =>
        {
            await _store.CurrentRevisionAsync(ct);
            return null;
        }),
        new("informer-sync", IsForReadiness: true, async ct =>
        {
            var current = await _store.CurrentRevisionAsync(ct);
            return await _hub.WaitForAsync(current.Value, TimeSpan.FromSeconds(1), ct) ? null : $"the caches are at {_hub.Revision}, the store at {current}";
        }),
        new("shutdown", IsForReadiness: true, _ => ValueTask.FromResult(_lifetime.IsStopping ? "the server is stopping" : null)),
    ];

    private static EncryptionKeys KeysOf(ApiServerOptions options)
    {
        var file = options.EncryptionKey.Length > 0 ? options.EncryptionKey : StoreFactory.DefaultKeyFile(options.Storage);
        return file is null ? EncryptionKeys.None : EncryptionKeys.LoadOrCreate(file);
    }

    private static void LogToConsole(ILoggingBuilder logging) => logging
        .SetMinimumLevel(LogLevel.Information)
        .AddFilter("Microsoft", LogLevel.Warning)
        .AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
        });
}
