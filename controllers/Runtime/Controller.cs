using System.Diagnostics;
using ControlPlane.Api.Client;
using ControlPlane.Api.Meta;
using ControlPlane.Controllers.Hosting;
using ControlPlane.Controllers.Leadership;
using ControlPlane.Controllers.Queueing;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Controllers;

/// <summary>One controller during one term: feeds its queue from its watches and its reconciler from the queue.</summary>
internal sealed partial class Controller(ControllerDefinition definition, ControllerContext context, WriteTracker writes, RuntimeMetrics metrics, ILogger logger)
{
    private static readonly TimeSpan CacheLagLimit = TimeSpan.FromSeconds(10);

    private readonly QueueMetrics _queueMetrics = metrics.Queue(definition.Name);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var watch in definition.Watches)
            watch.Use(context);
        if (definition.Loop is { } loop)
        {
            await context.CachesSyncedAsync(cancellationToken).ConfigureAwait(false);
            await loop(context, cancellationToken).ConfigureAwait(false);
            return;
        }

        var reconciler = definition.Reconciler!(context);
        try
        {
            await context.CachesSyncedAsync(cancellationToken).ConfigureAwait(false);
            await ReconcileAllAsync(reconciler, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await DisposeAsync(reconciler).ConfigureAwait(false);
        }
    }

    private async Task ReconcileAllAsync(IReconciler reconciler, CancellationToken cancellationToken)
    {
        using var queue = new WorkQueue(context.Time, _queueMetrics);
        using var depth = metrics.Depth(definition.Name, queue);
        var subscriptions = definition.Watches.Select(watch => watch.Start(context, queue.Add)).ToList();
        try
        {
            foreach (var key in definition.Initial)
                queue.Add(key);
            Log.Started(logger, definition.Name, definition.Workers);
            await WorkersAsync(queue, reconciler, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            subscriptions.ForEach(static subscription => subscription.Dispose());
        }
    }

    // A worker ends by cancellation or by a fault of this engine; either way the others must not go on without it.
    private async Task WorkersAsync(WorkQueue queue, IReconciler reconciler, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var workers = Enumerable.Range(0, definition.Workers).Select(_ => Task.Run(() => WorkAsync(queue, reconciler, stop.Token), CancellationToken.None)).ToList();
        if (reconciler is IKeySource source)
            workers.Add(FeedAsync(source, queue, stop.Token));
        await Task.WhenAny(workers).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(workers).ConfigureAwait(false);
    }

    private async Task FeedAsync(IKeySource source, WorkQueue queue, CancellationToken cancellationToken)
    {
        await source.FeedAsync(queue.Add, cancellationToken).ConfigureAwait(false);
        if (!cancellationToken.IsCancellationRequested)
            throw new InvalidOperationException($"The key source of {definition.Name} ended.");
    }

    private async Task WorkAsync(WorkQueue queue, IReconciler reconciler, CancellationToken cancellationToken)
    {
        while (true)
        {
            var key = await queue.TakeAsync(cancellationToken).ConfigureAwait(false);
            var started = context.Time.GetTimestamp();
            try
            {
                await ReconcileOneAsync(queue, reconciler, key, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                queue.Done(key);
                _queueMetrics.Worked(context.Time.GetElapsedTime(started));
            }
        }
    }

    private async Task ReconcileOneAsync(WorkQueue queue, IReconciler reconciler, ObjectKey key, CancellationToken cancellationToken)
    {
        try
        {
            await CaughtUpAsync(cancellationToken).ConfigureAwait(false);
            var result = await reconciler.ReconcileAsync(key, cancellationToken).ConfigureAwait(false);
            queue.Forget(key);
            if ((result.After ?? result.At - context.Time.GetUtcNow()) is { } delay)
                queue.AddAfter(key, delay);
            metrics.Reconciled(definition.Name, result is { After: null, At: null } ? "success" : "requeue_after");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (TerminalException e)
        {
            queue.Forget(key);
            metrics.Reconciled(definition.Name, "terminal_error");
            Log.Terminal(logger, definition.Name, key, e.Message);
        }
        catch (Exception e)
        {
            var (failures, delay) = queue.AddFailed(key, e is ApiUnreachableException ? Backoff.Reconnect : Backoff.Reconcile);
            metrics.Reconciled(definition.Name, "error");
            LogFailure(e, key, failures, delay);
        }
    }

    private async ValueTask CaughtUpAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(CacheLagLimit, context.Time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            await writes.CaughtUpAsync(linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The caches do not show this controller's last writes after {CacheLagLimit.TotalSeconds} s.");
        }
    }

    // Conflicts and a server that is away are part of life and resolve by themselves; they are worth a line only when they do not.
    private void LogFailure(Exception exception, ObjectKey key, int failures, TimeSpan delay)
    {
        if (exception is ApiUnreachableException or LeadershipLostException or ApiException { IsConflict: true } or ApiException { IsTransient: true } or ApiException { IsNamespaceTerminating: true } && failures < 5)
            Log.WillRetry(logger, definition.Name, key, exception.Message, delay.TotalSeconds);
        else if (exception is ApiException or ApiUnreachableException or TimeoutException)
            Log.StillFailing(logger, definition.Name, key, failures, exception.Message, delay.TotalSeconds);
        else
            Log.Failed(logger, exception, definition.Name, key, failures, delay.TotalSeconds);
    }

    private static async ValueTask DisposeAsync(IReconciler reconciler)
    {
        if (reconciler is IAsyncDisposable asynchronous)
            await asynchronous.DisposeAsync().ConfigureAwait(false);
        else
            (reconciler as IDisposable)?.Dispose();
    }

    private static partial class Log
    {
        [LoggerMessage(200, LogLevel.Information, "{Controller} started with {Workers} workers")]
        public static partial void Started(ILogger logger, string controller, int workers);

        [LoggerMessage(201, LogLevel.Warning, "{Controller} {Key}: {Reason}; waiting for a change")]
        public static partial void Terminal(ILogger logger, string controller, ObjectKey key, string reason);

        [LoggerMessage(202, LogLevel.Debug, "{Controller} {Key}: {Reason}; again in {Delay} s")]
        public static partial void WillRetry(ILogger logger, string controller, ObjectKey key, string reason, double delay);

        [LoggerMessage(203, LogLevel.Warning, "{Controller} {Key} failed {Failures} times: {Reason}; again in {Delay} s")]
        public static partial void StillFailing(ILogger logger, string controller, ObjectKey key, int failures, string reason, double delay);

        [LoggerMessage(204, LogLevel.Error, "{Controller} {Key} failed {Failures} times; again in {Delay} s")]
        public static partial void Failed(ILogger logger, Exception exception, string controller, ObjectKey key, int failures, double delay);
    }
}
