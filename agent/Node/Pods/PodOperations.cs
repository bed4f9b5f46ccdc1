using ControlPlane.Agent.Configuration;
using ControlPlane.Agent.Containers;
using ControlPlane.Agent.Hooks;
using ControlPlane.Agent.Images;
using ControlPlane.Agent.Shim.Contract;
using ControlPlane.Agent.Shims;
using ControlPlane.Api.Client;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Pods;

/// <summary>
/// Does what plans say. Each operation ends in an event that tells how it went; a failure of the machine or the API is such an outcome,
/// not an exception, because the pod's worker is what decides about trying again.
/// </summary>
internal sealed partial class PodOperations(
    SandboxHooks hooks, ImageSource images, ContainerStarter starter, PodStore store, IApiClient client, TimeProvider time, ILogger<PodOperations> log)
{
    private static readonly TimeSpan ShimPause = TimeSpan.FromSeconds(1);

    public static string ImageId(LocalImage image) => image.References.FirstOrDefault(r => r.Contains('@', StringComparison.Ordinal)) ?? image.Id.ToString();

    public async Task<PodEvent?> SetUpAsync(PodSandbox sandbox, CancellationToken cancellation)
    {
        try
        {
            await hooks.ApplyAsync(sandbox, cancellation);
            return new PodEvent.SandboxReady(sandbox.PodIp ?? "");
        }
        catch (OperationCanceledException)
        {
            return new PodEvent.SandboxFailed("Cancelled", "The pod is being ended.");
        }
        catch (ContainerConfigException e)
        {
            return new PodEvent.SandboxFailed(ContainerConfigException.Reason, e.Message);
        }
        catch (Exception e)
        {
            Log.SetUpFailed(log, e, sandbox.Pod.Metadata.Namespace, sandbox.Pod.Metadata.Name);
            return new PodEvent.SandboxFailed("FailedCreatePodSandBox", $"Failed to create pod sandbox: {e.Message}");
        }
    }

    public async Task<PodEvent?> TearDownAsync(PodSandbox sandbox, PodState state, CancellationToken cancellation)
    {
        try
        {
            foreach (var (name, life) in state.Containers)
            {
                if (life.Run is { Cleaned: false } run)
                    await starter.CleanAsync(sandbox, name, run, cancellation);
            }

            await hooks.UndoAsync(sandbox, cancellation);
            return new PodEvent.SandboxRemoved();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.TearDownFailed(log, e, sandbox.Pod.Metadata.Namespace, sandbox.Pod.Metadata.Name);
            return new PodEvent.SandboxRemovalFailed(e.Message);
        }
    }

    public async Task<ImageOutcome> EnsureImageAsync(Pod pod, string container, CancellationToken cancellation)
    {
        try
        {
            var image = await images.EnsureAsync(pod, PodSpecs.Find(pod, container)!, cancellation);
            return new ImageOutcome(image, new PodEvent.ImageReady(container));
        }
        catch (OperationCanceledException)
        {
            return new ImageOutcome(null, new PodEvent.ImageAbandoned(container));
        }
        catch (ImagePullException e)
        {
            return new ImageOutcome(null, new PodEvent.StartHindered(container, e.WaitingReason, e.Message));
        }
        catch (Exception e)
        {
            Log.ImageFailed(log, e, container);
            return new ImageOutcome(null, new PodEvent.StartHindered(container, "ErrImagePull", e.Message));
        }
    }

    public async Task<PodEvent?> StartAsync(
        PodSandbox sandbox, PodState state, string container, LocalImage image, CancellationToken preparing, CancellationToken stopping)
    {
        var run = state[container].Run!;
        try
        {
            return await starter.StartAsync(sandbox, state, container, image, preparing, stopping);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        catch (ContainerConfigException e)
        {
            return new PodEvent.StartHindered(container, ContainerConfigException.Reason, e.Message);
        }
        catch (Exception e) when (e is ApiUnreachableException or ApiException)
        {
            return new PodEvent.StartHindered(container, ContainerConfigException.Reason, e.Message);
        }
        catch (ShimException e) when (e.Code == ShimErrorCode.RuntimeFailed)
        {
            return new PodEvent.RunEnded(container, run.Id, StartError(state.Uid, run, e.Message));
        }
        catch (Exception e)
        {
            // Whether it runs is not known, e.g. because the shim went away: the next try finds out.
            Log.StartFailed(log, e, container);
            return new PodEvent.StartHindered(container, "RunContainerError", e.Message);
        }
    }

    public Task<PodEvent?> StopAsync(PodSandbox sandbox, PodState state, string container, string why, CancellationToken cancellation)
    {
        Log.Stopping(log, state.Pod.Metadata.Namespace, state.Pod.Metadata.Name, container, why);
        return SignalAsync(sandbox, state[container].Run!, state[container].Run!.StopSignal, everyProcess: false, cancellation);
    }

    public Task<PodEvent?> KillAsync(PodSandbox sandbox, PodState state, string container, CancellationToken cancellation) =>
        SignalAsync(sandbox, state[container].Run!, Linux.Signal.Kill, everyProcess: true, cancellation);

    public async Task<PodEvent?> CleanAsync(PodSandbox sandbox, PodState state, string container, CancellationToken cancellation)
    {
        var run = state[container].Run!;
        try
        {
            await starter.CleanAsync(sandbox, container, run, cancellation);
            return new PodEvent.RunCleaned(container, run.Id);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.CleanFailed(log, e, container);
            return new PodEvent.StartHindered(container, "RunContainerError", e.Message);
        }
    }

    /// <summary>The end: first everything of the pod, then the object, so that an object that is gone means that nothing is left.</summary>
    public async Task<PodEvent?> RemoveAsync(PodState state, PodStatusReporter reporter, CancellationToken cancellation)
    {
        try
        {
            // How the containers ended must be known before the object that says so goes.
            if (!state.ObjectGone)
                await reporter.FlushAsync(cancellation);
            store.Remove(state.Uid);
            if (!state.ObjectGone)
            {
                var options = new DeleteOptions { GracePeriodSeconds = 0, Preconditions = new Preconditions { Uid = state.Uid } };
                await client.TryDeleteAsync<Pod>(ObjectKey.Of(state.Pod), cancellation, options);
            }

            return new PodEvent.PodRemoved();
        }
        catch (ApiException e) when (e.IsConflict)
        {
            // Another pod has the name by now.
            return new PodEvent.PodRemoved();
        }
        catch (Exception e) when (e is ApiException or ApiUnreachableException or IOException or UnauthorizedAccessException)
        {
            return new PodEvent.PodRemovalFailed(e.Message);
        }
    }

    /// <summary>Posts the ends of the pod's containers until the sandbox is removed or lost.</summary>
    public async Task WatchExitsAsync(PodSandbox sandbox, Func<PodState> state, Func<PodEvent, ValueTask> post, CancellationToken cancellation)
    {
        while (sandbox.Shim is { } shim)
        {
            try
            {
                await foreach (var exit in shim.ExitsAsync(cancellation))
                {
                    if (ExitReports.Find(state(), exit) is { } ended)
                        await post(ExitReports.ToEvent(state(), ended, exit, sandbox.Paths));
                }
            }
            catch (Exception e) when (e is ShimUnavailableException or ShimProtocolException)
            {
                if (sandbox.Shim is null)
                    return;
                var found = await ShimLauncher.ReconnectAsync(sandbox.Paths.Root, cancellation);
                if (found.State == ShimLiveness.Dead)
                {
                    Log.ShimLost(log, sandbox.Pod.Metadata.Namespace, sandbox.Pod.Metadata.Name);
                    await ReportLossAsync(sandbox, state(), post);
                    return;
                }

                await Task.Delay(ShimPause, time, cancellation);
            }
        }
    }

    // What ended before the shim died has left a record; the rest has no exit code.
    private static async Task ReportLossAsync(PodSandbox sandbox, PodState state, Func<PodEvent, ValueTask> post)
    {
        foreach (var ended in ExitReports.FromFiles(state, sandbox.Paths))
            await post(ended);
        sandbox.Shim = null;
        await post(new PodEvent.SandboxLost());
    }

    private async Task<PodEvent?> SignalAsync(PodSandbox sandbox, ContainerRun run, int signal, bool everyProcess, CancellationToken cancellation)
    {
        try
        {
            if (sandbox.Shim is { } shim)
                await shim.KillAsync(new KillRequest(run.Id, signal, everyProcess), cancellation);
        }
        catch (Exception e) when (e is ShimException or ShimUnavailableException)
        {
            // The planner repeats the kill until the end is seen; a lost shim is noticed by whoever watches for exits.
            Log.SignalFailed(log, run.Id, e.Message);
        }

        return null;
    }

    private ContainerStateTerminated StartError(string uid, ContainerRun run, string message) => new()
    {
        ExitCode = 128,
        Reason = "StartError",
        Message = message,
        StartedAt = DateTimeOffset.UnixEpoch,
        FinishedAt = time.GetUtcNow(),
        ContainerId = PodSpecs.ContainerId(uid, run.Id),
    };

    private static partial class Log
    {
        [LoggerMessage(2220, LogLevel.Warning, "{Namespace}/{Name}: the sandbox could not be made")]
        public static partial void SetUpFailed(ILogger log, Exception fault, string? @namespace, string? name);

        [LoggerMessage(2221, LogLevel.Warning, "{Namespace}/{Name}: the sandbox could not be removed")]
        public static partial void TearDownFailed(ILogger log, Exception fault, string? @namespace, string? name);

        [LoggerMessage(2222, LogLevel.Error, "The image of container {Container} could not be made present")]
        public static partial void ImageFailed(ILogger log, Exception fault, string container);

        [LoggerMessage(2223, LogLevel.Warning, "Container {Container} could not be started")]
        public static partial void StartFailed(ILogger log, Exception fault, string container);

        [LoggerMessage(2224, LogLevel.Information, "{Namespace}/{Name}: stopping container {Container}: {Why}")]
        public static partial void Stopping(ILogger log, string? @namespace, string? name, string container, string why);

        [LoggerMessage(2225, LogLevel.Warning, "Container {Container} could not be cleaned up")]
        public static partial void CleanFailed(ILogger log, Exception fault, string container);

        [LoggerMessage(2226, LogLevel.Error, "{Namespace}/{Name}: the shim is gone; the pod's containers are ended and replaced")]
        public static partial void ShimLost(ILogger log, string? @namespace, string? name);

        [LoggerMessage(2227, LogLevel.Debug, "Run {Run} was not signalled: {Problem}")]
        public static partial void SignalFailed(ILogger log, string run, string problem);
    }
}
