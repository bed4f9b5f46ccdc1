using System.Text.Json.Nodes;
using ControlPlane.Api.Client;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Serialization;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Pods;

/// <summary>
/// Writes one pod's status to the API: only what changed, the newest instead of each, and again after a failure until it is through.
/// </summary>
internal sealed partial class PodStatusReporter : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private static readonly string[] Clearable = ["reason", "message", "podIP", "podIPs", "initContainerStatuses", "containerStatuses"];

    private readonly IApiClient _client;
    private readonly string _hostIp;
    private readonly ObjectKey _key;
    private readonly string? _uid;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _changed = new(0, 1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _run;

    // All below guarded by _gate.
    private PodStatus? _latest;
    private byte[] _latestBytes = [];
    private bool _pending;
    private TaskCompletionSource _idle = Completed();

    public PodStatusReporter(IApiClient client, string hostIp, Pod pod, TimeProvider time, ILogger log)
    {
        _client = client;
        _hostIp = hostIp;
        _key = ObjectKey.Of(pod);
        _uid = pod.Metadata.Uid;
        _time = time;
        _log = log;
        _run = RunAsync(_stopping.Token);
    }

    /// <summary>Takes note of the pod's state; called after every change of it.</summary>
    public void Report(PodState state, DateTimeOffset now)
    {
        lock (_gate)
        {
            var status = PodStatusBuilder.Build(state, Before(state.Pod.Status), _hostIp, now);
            var bytes = ApiJson.Serialize(status);
            if (bytes.AsSpan().SequenceEqual(_latestBytes) && IsAgreed(state.Pod.Status, status))
                return;
            _latest = status;
            _latestBytes = bytes;
            if (_pending)
                return;
            _pending = true;
            _idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _changed.Release();
        }
    }

    /// <summary>Waits until the newest status is written, or the pod has gone from the API.</summary>
    public Task FlushAsync(CancellationToken cancellation)
    {
        lock (_gate)
            return _idle.Task.WaitAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _run;
        _stopping.Dispose();
        _changed.Dispose();
    }

    // What others wrote comes from the API, what is ours from what we last said: the API's copy may be older.
    private PodStatus? Before(PodStatus? inApi)
    {
        if (_latest is not { } latest)
            return inApi;
        var others = (inApi?.Conditions ?? []).Where(c => latest.Conditions.All(l => l.Type != c.Type));
        var kept = latest.Conditions.Select(l => IsOwn(l.Type) ? l : inApi?.Conditions.FirstOrDefault(c => c.Type == l.Type) ?? l);
        var final = PodSpecs.IsFinal(inApi?.Phase) && !PodSpecs.IsFinal(latest.Phase);
        return latest with
        {
            Conditions = [.. kept, .. others],
            Phase = final ? inApi!.Phase : latest.Phase,
            Reason = final ? inApi!.Reason : latest.Reason,
            Message = final ? inApi!.Message : latest.Message,
        };
    }

    // Somebody may have declared the pod not ready while this node was out of reach.
    private static bool IsAgreed(PodStatus? inApi, PodStatus status) =>
        inApi?.Conditions.FirstOrDefault(c => c.Type == "Ready") is not { } ready
        || ready.Status == status.Conditions.First(c => c.Type == "Ready").Status;

    private static bool IsOwn(string type) => type is "Ready" or "ContainersReady" or "Initialized";

    private async Task RunAsync(CancellationToken cancellation)
    {
        var pause = FirstPause;
        try
        {
            while (true)
            {
                await _changed.WaitAsync(cancellation);
                while (!await TrySendAsync(cancellation))
                {
                    await Task.Delay(pause * (0.5 + Random.Shared.NextDouble()), _time, cancellation);
                    pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                }

                pause = FirstPause;
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The pod is gone, or the agent stops; the next agent reports again.
        }
    }

    // Returns true when there is nothing left to send.
    private async Task<bool> TrySendAsync(CancellationToken cancellation)
    {
        PodStatus status;
        lock (_gate)
            status = _latest!;
        try
        {
            await _client.PatchStatusAsync<Pod>(_key, Patch(status), cancellation);
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // Deleted, or a later pod has the name: nobody wants this status any more.
            Log.Unwanted(_log, _key, e.Message);
        }
        catch (ApiException e) when (e.IsInvalid)
        {
            Log.Refused(_log, _key, e.Message);
        }
        catch (Exception e) when (e is ApiException or ApiUnreachableException)
        {
            Log.Unsent(_log, _key, e.Message);
            return false;
        }

        lock (_gate)
        {
            if (!ReferenceEquals(status, _latest))
                return false;
            _pending = false;
            _idle.TrySetResult();
            return true;
        }
    }

    private PatchBody Patch(PodStatus status)
    {
        var body = JsonNode.Parse(ApiJson.Serialize(status))!.AsObject();
        foreach (var field in Clearable)
        {
            // A merge patch keeps what it does not name.
            if (!body.ContainsKey(field))
                body[field] = null;
        }

        return PatchBody.Merge(new JsonObject { ["metadata"] = new JsonObject { ["uid"] = _uid }, ["status"] = body });
    }

    private static TaskCompletionSource Completed()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }

    private static partial class Log
    {
        [LoggerMessage(2210, LogLevel.Debug, "The status of {Pod} is no longer wanted: {Problem}")]
        public static partial void Unwanted(ILogger log, ObjectKey pod, string problem);

        [LoggerMessage(2211, LogLevel.Error, "The status of {Pod} was refused: {Problem}")]
        public static partial void Refused(ILogger log, ObjectKey pod, string problem);

        [LoggerMessage(2212, LogLevel.Debug, "The status of {Pod} could not be written yet: {Problem}")]
        public static partial void Unsent(ILogger log, ObjectKey pod, string problem);
    }
}
