using ControlPlane.Api.Client;
using ControlPlane.Api.Meta;
using ControlPlane.Controllers.Caching;
using ControlPlane.Controllers.Hosting;
using ControlPlane.Controllers.Leadership;
using ControlPlane.Controllers.Reporting;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Controllers;

/// <summary>Runs controllers that share one client, one cache per kind and one life: the first to fail stops all.</summary>
public sealed class ControllerHost : IAsyncDisposable
{
    private readonly ControllerHostOptions _options;
    private readonly IReadOnlyList<ControllerDefinition> _controllers;
    private readonly ILoggerFactory _loggers;
    private readonly ApiClient _client;
    private readonly LoopGroup _loops = new();
    private readonly RuntimeMetrics _metrics = new();
    private readonly CacheRegistry _caches;
    private readonly EventSink _events;
    private readonly HealthEndpoint? _health;

    internal ControllerHost(
        ControllerHostOptions options, ClientConfig client, IReadOnlyList<ControllerDefinition> controllers, IReadOnlyList<Action<ILoggingBuilder>> logging)
    {
        _options = options;
        _controllers = controllers;
        _loggers = LoggerFactory.Create(builder => Logging.Configure(builder, logging));
        _client = new ApiClient(client, options.Time);
        _caches = new CacheRegistry(_client, _loops, options.Time, _loggers);
        _health = options.Listen is { } listen ? new HealthEndpoint(listen, _loops, _caches) : null;
        _events = new EventSink(_client, options.Identity, options.Time, _metrics.Meter, _loggers.CreateLogger<EventSink>());
    }

    /// <summary>Never completes while all is well; fails with the first failure.</summary>
    public Task Failed => _loops.Failed;

    /// <summary>A whole <c>Program.cs</c>: reads the command line, runs until a signal, and gives the exit code.</summary>
    public static async Task<int> RunAsync(string[] args, Action<ControllerHostBuilder> configure)
    {
        try
        {
            var builder = new ControllerHostBuilder(CommandLine.Parse(args));
            configure(builder);
            if (builder.Options.Help)
            {
                await Console.Out.WriteAsync(builder.Help()).ConfigureAwait(false);
                return 0;
            }
            var host = builder.Build();
            await using (host.ConfigureAwait(false))
                await ControllersService.RunAsync(host).ConfigureAwait(false);
            return 0;
        }
        catch (ClientConfigException e)
        {
            await Console.Error.WriteLineAsync(e.Message).ConfigureAwait(false);
            return 2;
        }
        catch (Exception e)
        {
            await Console.Error.WriteLineAsync(e.ToString()).ConfigureAwait(false);
            return 1;
        }
    }

    /// <summary>Starts everything; returns at once.</summary>
    public void Start()
    {
        _loops.Start("events", _events.RunAsync);
        if (_health is not null)
            _loops.Start("health endpoint", _health.RunAsync);
        foreach (var controller in _controllers)
            _loops.Start(controller.Name, token => RunAsync(controller, token));
    }

    /// <summary>Lets reconciliations end, gives leases up and closes connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _loops.DisposeAsync().ConfigureAwait(false);
        _client.Dispose();
        _metrics.Dispose();
        _loggers.Dispose();
    }

    private async Task RunAsync(ControllerDefinition controller, CancellationToken cancellationToken)
    {
        if (!_options.LeaderElect)
        {
            using var term = Term.Unlimited(_options.Time);
            await LeadAsync(controller, term, cancellationToken).ConfigureAwait(false);
            return;
        }
        var lease = new ObjectKey(_options.Leases.Namespace, "controlplane-" + controller.Name);
        var elector = new LeaderElector(_client, lease, _options.Identity, _options.Leases, _options.Time, _metrics, _loggers.CreateLogger<LeaderElector>());
        await elector.RunAsync((term, token) => LeadAsync(controller, term, token), cancellationToken).ConfigureAwait(false);
    }

    private Task LeadAsync(ControllerDefinition controller, Term term, CancellationToken cancellationToken)
    {
        var writes = new WriteTracker(_caches);
        var client = new ControllerApiClient(_client, controller.Name, term, writes);
        var context = new ControllerContext(controller.Name, client, _client.Config, _caches, new EventRecorder(_events, controller.Name), _options.Time, _loggers);
        return new Controller(controller, context, writes, _metrics, _loggers.CreateLogger<Controller>()).RunAsync(cancellationToken);
    }
}
