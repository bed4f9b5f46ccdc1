using System.Collections.Concurrent;
using System.Threading.Channels;
using ControlPlane.Agent.Events;
using ControlPlane.Agent.Hooks;
using ControlPlane.Agent.Images;
using ControlPlane.Api.Core.V1;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Pods;

/// <summary>
/// Drives one pod. A single loop owns its state: it applies what happened, plans, writes the state down, and only then begins what the
/// plan says. Operations run beside the loop and report back as events, so that a pull of minutes never keeps a deletion waiting.
/// </summary>
internal sealed partial class PodWorker : IAsyncDisposable
{
    private const int MailboxSize = 1024;

    private readonly PodWorkerServices _services;
    private readonly Channel<PodEvent> _mailbox = Channel.CreateBounded<PodEvent>(new BoundedChannelOptions(MailboxSize) { SingleReader = true });
    private readonly ConcurrentDictionary<string, LocalImage> _images = new();
    private readonly List<Task> _operations = [];
    private readonly PodStatusReporter _reporter;
    private readonly PodProbes _probes;
    private readonly CancellationTokenSource _stopping = new();
    private CancellationTokenSource _preparations = new();
    private Task? _exits;
    private Task _run = Task.CompletedTask;
    private byte[] _saved = [];
    private Pod? _desired;
    private bool _vanished;
    private PodState _state;

    public PodWorker(PodState state, PodSandbox sandbox, PodWorkerServices services)
    {
        _state = state;
        Sandbox = sandbox;
        _services = services;
        _reporter = services.CreateReporter(state.Pod);
        _probes = new PodProbes(services.Prober, services.Events, services.Time, PostAsync);
    }

    /// <summary>The pod's state after the last event; a snapshot that others may read.</summary>
    public PodState State => Volatile.Read(ref _state);

    public PodSandbox Sandbox { get; }

    /// <summary>Completes when nothing of the pod is left, or when the agent stops.</summary>
    public Task Completion => _run;

    private TimeProvider Time => _services.Time;

    /// <summary>Begins; for a pod that was running before, with the shim that recovery found.</summary>
    /// <param name="ended">Told when the worker has ended.</param>
    public void Start(Action<PodWorker> ended)
    {
        if (Sandbox.Shim is not null && _state.Sandbox.Stage == SandboxStage.Ready)
            WatchExits();
        _run = Task.Run(() => RunAsync(ended, _stopping.Token));
    }

    public ValueTask PostAsync(PodEvent happened) => _mailbox.Writer.WriteAsync(happened, _stopping.Token);

    /// <summary>Gives the worker a newer object; of several it takes the last.</summary>
    public void SetDesired(Pod pod)
    {
        Interlocked.Exchange(ref _desired, pod);
        _mailbox.Writer.TryWrite(new PodEvent.Nudged());
    }

    /// <summary>The object is gone from the API.</summary>
    public void SetVanished()
    {
        Volatile.Write(ref _vanished, true);
        _mailbox.Writer.TryWrite(new PodEvent.Nudged());
    }

    /// <summary>Stops looking after the pod; whatever runs goes on running.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _run;
        _preparations.Dispose();
        _stopping.Dispose();
        Sandbox.Dispose();
    }

    private async Task RunAsync(Action<PodWorker> ended, CancellationToken cancellation)
    {
        try
        {
            await LoopAsync(cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The agent stops.
        }
        finally
        {
            await _stopping.CancelAsync();
            await _probes.DisposeAsync();
            await _reporter.DisposeAsync();
            await Task.WhenAll(_operations.Append(_exits ?? Task.CompletedTask)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ended(this);
        }
    }

    private async Task LoopAsync(CancellationToken cancellation)
    {
        while (true)
        {
            TakeDesired();
            var plan = Advance();
            var wait = plan.NextLook is { } look ? look - Time.GetUtcNow() : Timeout.InfiniteTimeSpan;
            if (await NextAsync(wait, cancellation) is { } happened && !Take(happened))
                return;
        }
    }

    // A full mailbox loses nudges but not what they are about: this is looked at before every plan.
    private void TakeDesired()
    {
        var now = Time.GetUtcNow();
        if (Interlocked.Exchange(ref _desired, null) is { } pod)
            Volatile.Write(ref _state, PodTransitions.Apply(_state, new PodEvent.DesiredChanged(pod), now));
        if (Volatile.Read(ref _vanished) && !_state.ObjectGone)
            Volatile.Write(ref _state, PodTransitions.Apply(_state, new PodEvent.ObjectVanished(), now));
    }

    // Returns false after the last event of a pod's life.
    private bool Take(PodEvent first)
    {
        var now = Time.GetUtcNow();
        for (PodEvent? happened = first; happened is not null; happened = _mailbox.Reader.TryRead(out var next) ? next : null)
        {
            if (happened is PodEvent.PodRemoved)
                return false;
            Note(happened);
            Volatile.Write(ref _state, PodTransitions.Apply(_state, happened, now));
        }

        return true;
    }

    private async Task<PodEvent?> NextAsync(TimeSpan wait, CancellationToken cancellation)
    {
        if (_mailbox.Reader.TryRead(out var ready))
            return ready;
        if (wait == Timeout.InfiniteTimeSpan)
            return await _mailbox.Reader.ReadAsync(cancellation);
        using var timeout = new CancellationTokenSource(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        try
        {
            return await _mailbox.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Plans until the plan is settled, writes the state, begins what is to be done, and reports.</summary>
    private PodPlan Advance()
    {
        var now = Time.GetUtcNow();
        var begun = new List<PodAction>();
        PodPlan plan;
        while (true)
        {
            plan = PodPlanner.Plan(_state, now);
            var state = _state;
            foreach (var action in plan.Actions)
            {
                state = PodTransitions.Begin(state, action);
                if (action is PodAction.StartContainer(var name, var attempt))
                    state = PodTransitions.Apply(state, new PodEvent.RunCreated(name, NewRun(name, attempt)), now);
            }

            Volatile.Write(ref _state, state);
            begun.AddRange(plan.Actions.Where(a => a is not PodAction.BeginStop));
            if (!plan.Actions.Any(a => a is PodAction.BeginStop))
                break;
        }

        Save();
        _operations.RemoveAll(o => o.IsCompleted);
        foreach (var action in begun)
            Begin(action);
        _probes.Follow(_state, Sandbox);
        _reporter.Report(_state, now);
        return plan;
    }

    private ContainerRun NewRun(string container, int attempt) => new()
    {
        Id = ContainerRun.IdOf(container, attempt),
        Attempt = attempt,
        Image = PodSpecs.Find(_state.Pod, container)?.Image ?? "",
        ImageId = PodOperations.ImageId(_images[container]),
        StopSignal = StopSignals.Parse(_images[container].Config.StopSignal),
    };

    // While the pod is being removed its directory must not come back.
    private void Save()
    {
        if (_state.Removing)
            return;
        var serialized = _services.Store.Serialize(_state);
        if (serialized.AsSpan().SequenceEqual(_saved))
            return;
        _services.Store.Save(_state, serialized);
        _saved = serialized;
    }

    private void Begin(PodAction action)
    {
        Log.Begins(_services.Log, _state.Pod.Metadata.Namespace, _state.Pod.Metadata.Name, action);
        var operations = _services.Operations;
        var state = _state;
        switch (action)
        {
            case PodAction.CancelPreparations:
                _preparations.Cancel();
                _preparations = new CancellationTokenSource();
                break;
            case PodAction.SetUpSandbox:
                Run(async preparing =>
                {
                    var result = await operations.SetUpAsync(Sandbox, preparing);
                    if (result is PodEvent.SandboxReady)
                        WatchExits();
                    return result;
                });
                break;
            case PodAction.TearDownSandbox:
                Run(_ => operations.TearDownAsync(Sandbox, state, _stopping.Token));
                break;
            case PodAction.EnsureImage(var name):
                Run(async preparing =>
                {
                    var outcome = await operations.EnsureImageAsync(state.Pod, name, preparing);
                    if (outcome.Image is { } image)
                        _images[name] = image;
                    return outcome.Result;
                });
                break;
            case PodAction.StartContainer(var name, _):
                RunOn(name, preparing => operations.StartAsync(Sandbox, state, name, _images[name], preparing, _stopping.Token));
                break;
            case PodAction.StopContainer(var name, _, var why) stop:
                _services.Events.AnnounceStop(state, stop);
                Run(_ => operations.StopAsync(Sandbox, state, name, why, _stopping.Token));
                break;
            case PodAction.KillContainer(var name):
                Run(_ => operations.KillAsync(Sandbox, state, name, _stopping.Token));
                break;
            case PodAction.CleanRun(var name):
                RunOn(name, _ => operations.CleanAsync(Sandbox, state, name, _stopping.Token));
                break;
            case PodAction.RemovePod:
                Run(_ => operations.RemoveAsync(state, _reporter, _stopping.Token));
                break;
        }
    }

    private void Run(Func<CancellationToken, Task<PodEvent?>> operation) => _operations.Add(PostResultAsync(operation, after: null, _preparations.Token));

    private void RunOn(string container, Func<CancellationToken, Task<PodEvent?>> operation) =>
        _operations.Add(PostResultAsync(operation, new PodEvent.OperationEnded(container), _preparations.Token));

    private async Task PostResultAsync(Func<CancellationToken, Task<PodEvent?>> operation, PodEvent? after, CancellationToken preparing)
    {
        // Off the loop's thread at once: operations begin with file work.
        await Task.Yield();
        if (await operation(preparing) is { } result)
            await PostAsync(result);
        if (after is not null)
            await PostAsync(after);
    }

    private void WatchExits()
    {
        if (_exits is null || _exits.IsCompleted)
            _exits = _services.Operations.WatchExitsAsync(Sandbox, () => State, PostAsync, _stopping.Token);
    }

    private void Note(PodEvent happened)
    {
        if (_services.Log.IsEnabled(LogLevel.Debug))
            Log.Happened(_services.Log, _state.Pod.Metadata.Namespace, _state.Pod.Metadata.Name, happened);
        _services.Events.Announce(_state, happened);
    }

    private static partial class Log
    {
        [LoggerMessage(2200, LogLevel.Debug, "{Namespace}/{Name}: {Action}")]
        public static partial void Begins(ILogger log, string? @namespace, string? name, PodAction action);

        [LoggerMessage(2201, LogLevel.Debug, "{Namespace}/{Name}: after {Event}")]
        public static partial void Happened(ILogger log, string? @namespace, string? name, PodEvent @event);
    }
}
