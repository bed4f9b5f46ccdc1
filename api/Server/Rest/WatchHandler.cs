using ControlPlane.Api.Server.Errors;
using ControlPlane.Api.Server.Hosting;
using ControlPlane.Api.Server.Negotiation;
using ControlPlane.Api.Server.Registry;
using ControlPlane.Api.Server.Telemetry;
using ControlPlane.Api.Server.Watching;

namespace ControlPlane.Api.Server.Rest;

/// <summary>Streams the changes of a collection: one JSON event a line, until the client, the timeout or the server ends it.</summary>
internal sealed class WatchHandler(ResourceStore store, WatchSource source, ServerLifetime lifetime, ServerMetrics metrics) : IVerbHandler
{
    private const int MinTimeoutSeconds = 1800;
    private static readonly TimeSpan CatchUp = TimeSpan.FromSeconds(3);

    public async Task HandleAsync(RestCall call)
    {
        var form = OutputForm.ForObject(call.Http.Request);
        if (form.Encoding == OutputEncoding.Yaml)
            throw ApiErrors.NotAcceptable("only the following media types are accepted: application/json, application/json;stream=watch");
        var writer = new ObjectWriter(call.Definition, form, call.Http.Request.Query, source.Time);
        var options = ListOptions.Parse(call.Http.Request.Query, watch: true);
        var filter = new ObjectFilter(call.Definition, call.Namespace, call.Name.Length > 0 ? call.Name : null, options.Labels, options.Fields);
        var cache = store.CacheOf(call.Definition);
        var start = await StartAsync(call, options, cache);

        using var ends = CancellationTokenSource.CreateLinkedTokenSource(call.Http.RequestAborted, lifetime.WatchesEnd);
        var timeout = options.TimeoutSeconds is > 0 and { } seconds ? seconds : MinTimeoutSeconds + Random.Shared.Next(MinTimeoutSeconds);
        using var timer = source.Time.CreateTimer(static s => ((CancellationTokenSource)s!).Cancel(), ends, TimeSpan.FromSeconds(timeout), Timeout.InfiniteTimeSpan);
        var response = call.Http.Response;
        response.ContentType = "application/json";
        await response.StartAsync(call.Http.RequestAborted);
        var stream = new WatchStream(call.Definition, writer, response.BodyWriter, cache, source, filter, metrics);
        try
        {
            await stream.RunAsync(start, options, ends.Token);
        }
        catch (OperationCanceledException) when (ends.IsCancellationRequested)
        {
            // Any of the three ends is a normal end; a client that is still there gets a last bookmark.
            if (!call.Http.RequestAborted.IsCancellationRequested)
                await stream.EndAsync(options.AllowBookmarks, call.Http.RequestAborted);
        }
    }

    private async ValueTask<WatchStart> StartAsync(RestCall call, ListOptions options, WatchCache cache)
    {
        var wantsState = options.SendInitialEvents ?? options.Version is null or 0;
        if (!wantsState && options.Version is > 0 and { } after)
        {
            if (after > source.Hub.Revision && !await source.Hub.WaitForAsync(after, CatchUp, call.Aborted))
                throw ApiErrors.VersionTooLarge(after, source.Hub.Revision);
            var cursor = cache.CursorAfter(after) ?? throw TooOld(after, cache.Floor);
            return new WatchStart(ReadOnlyMemory<StoredObject>.Empty, cursor, after);
        }
        if (options.Version is null)
            await CatchUpAsync(await store.CurrentRevisionAsync(call.Aborted), call.Aborted);
        else if (options.Version > 0)
            await CatchUpAsync(options.Version.Value, call.Aborted);
        var known = source.Hub.Revision;
        var snapshot = cache.SnapshotWithCursor(call.Namespace);
        var revision = Math.Max(known, snapshot.Revision);
        return new WatchStart(wantsState ? snapshot.Objects : ReadOnlyMemory<StoredObject>.Empty, snapshot.Next, revision);
    }

    private async ValueTask CatchUpAsync(long revision, CancellationToken cancellationToken)
    {
        if (!await source.Hub.WaitForAsync(revision, CatchUp, cancellationToken))
            throw ApiErrors.VersionTooLarge(revision, source.Hub.Revision);
    }

    private static ApiException TooOld(long wanted, long floor) => ApiErrors.Expired($"too old resource version: {wanted} ({floor})");
}

/// <summary>Where a watch begins.</summary>
/// <param name="State">Objects to announce first.</param>
/// <param name="Next">Number of the first event after them.</param>
/// <param name="Revision">The revision of that state.</param>
internal readonly record struct WatchStart(ReadOnlyMemory<StoredObject> State, long Next, long Revision);
