using System.Collections.Concurrent;
using System.Threading.Channels;
using ControlPlane.Agent.Hooks;
using ControlPlane.Agent.Linux;
using ControlPlane.Agent.Objects;
using ControlPlane.Api.Client;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Pods;

/// <summary>The node's pods: one worker each, fed by the watch of pods bound to this node.</summary>
internal sealed partial class PodManager(PodWorkerServices services, TimeProvider time, ILogger<PodManager> log) : BackgroundService, IObjectSink<Pod>
{
    private static readonly TimeSpan ConfirmPause = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, PodWorker> _workers = new();
    private readonly Channel<PodWorker> _ended = Channel.CreateUnbounded<PodWorker>();
    private readonly Channel<ObjectKey> _doubtful = Channel.CreateUnbounded<ObjectKey>();

    public ICollection<PodWorker> Workers => _workers.Values;

    /// <summary>The pod of a name; of two (one ending, one new) the newer.</summary>
    public PodWorker? Find(string @namespace, string name) => _workers.Values
        .Where(w => w.State.Pod.Metadata.Name == name && w.State.Pod.Metadata.Namespace == @namespace)
        .MaxBy(w => w.State.StartTime);

    /// <summary>Takes on a pod that ran before the agent was restarted. Called before the watch begins.</summary>
    public void Adopt(PodState state, PodSandbox sandbox) => Begin(new PodWorker(state, sandbox, services));

    public void Replace(IReadOnlyList<Pod> items)
    {
        foreach (var pod in items)
            Upsert(pod);
        var present = items.Select(p => p.Metadata.Uid).ToHashSet();
        foreach (var worker in _workers.Values.Where(w => !present.Contains(w.State.Uid)))
            _doubtful.Writer.TryWrite(ObjectKey.Of(worker.State.Pod));
    }

    public void Upsert(Pod pod)
    {
        var uid = pod.Metadata.Uid ?? "";
        if (_workers.TryGetValue(uid, out var worker))
            worker.SetDesired(pod);
        else if (!PodSpecs.IsFinal(pod.Status?.Phase) || pod.Metadata.DeletionTimestamp is not null)
            Begin(Create(pod));
    }

    public void Remove(Pod pod)
    {
        if (_workers.TryGetValue(pod.Metadata.Uid ?? "", out var worker))
            worker.SetVanished();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(ReapAsync(stoppingToken), ConfirmAsync(stoppingToken));
        }
        finally
        {
            foreach (var worker in _workers.Values)
                await worker.DisposeAsync();
        }
    }

    private PodWorker Create(Pod pod)
    {
        var state = PodState.Of(pod, HostIdentity.BootId(), time.GetUtcNow());
        return new PodWorker(state, new PodSandbox(pod, services.Store.PathsOf(state.Uid)), services);
    }

    private void Begin(PodWorker worker)
    {
        _workers[worker.State.Uid] = worker;
        worker.Start(ended => _ended.Writer.TryWrite(ended));
    }

    // A worker that failed has a fault that nobody foresaw: awaiting it stops the agent, and the next one starts from what is on disk.
    private async Task ReapAsync(CancellationToken cancellation)
    {
        await foreach (var worker in _ended.Reader.ReadAllAsync(cancellation))
        {
            await worker.Completion;
            _workers.TryRemove(worker.State.Uid, out _);
            await worker.DisposeAsync();
        }
    }

    // Pods that a list did not have. Each is asked for by name before it is ended: a list can be wrong, e.g. of a server whose storage
    // was restored or is still being read, and ending what should run is the one thing that cannot be taken back.
    private async Task ConfirmAsync(CancellationToken cancellation)
    {
        await foreach (var key in _doubtful.Reader.ReadAllAsync(cancellation))
        {
            try
            {
                var found = await services.Client.TryGetAsync<Pod>(key, cancellation);
                foreach (var worker in _workers.Values.Where(w => ObjectKey.Of(w.State.Pod) == key && w.State.Uid != found?.Metadata.Uid))
                {
                    Log.Vanished(log, key);
                    worker.SetVanished();
                }
            }
            catch (Exception e) when (e is ApiException or ApiUnreachableException)
            {
                _doubtful.Writer.TryWrite(key);
                await Task.Delay(ConfirmPause, time, cancellation);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2240, LogLevel.Warning, "{Pod} is no longer in the API; it is ended")]
        public static partial void Vanished(ILogger log, ObjectKey pod);
    }
}
