using System.Globalization;
using ControlPlane.Agent.Logs;
using ControlPlane.Agent.Pods;

namespace ControlPlane.Agent.Endpoint;

/// <summary>GET /containerLogs/NAMESPACE/POD/CONTAINER with kubectl's options as query.</summary>
internal static class ContainerLogs
{
    public static async Task ServeAsync(HttpContext context, string ns, string pod, string container, PodManager pods, LogReader reader, TimeProvider time)
    {
        var query = Parse(context.Request.Query, time.GetUtcNow());
        var worker = PodLookup.Require(pods, ns, pod, container);
        var run = RunOf(worker, pod, container, query.Previous);
        context.Response.ContentType = "text/plain";
        await context.Response.StartAsync(context.RequestAborted);
        await reader.CopyAsync(
            worker.Sandbox.Paths.Log(run), query, () => HasEnded(worker, container, run), context.Response.BodyWriter, context.RequestAborted);
    }

    /// <exception cref="EndpointException">A parameter is wrong.</exception>
    internal static LogQuery Parse(IQueryCollection query, DateTimeOffset now)
    {
        var seconds = Number(query, "sinceSeconds", 1);
        DateTimeOffset? since = seconds is { } s ? now - TimeSpan.FromSeconds(s) : null;
        if (query["sinceTime"].ToString() is { Length: > 0 } text)
        {
            if (since is not null)
                throw new EndpointException(StatusCodes.Status422UnprocessableEntity, "at most one of `sinceTime` or `sinceSeconds` may be specified");
            if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var sinceTime))
                throw new EndpointException(StatusCodes.Status400BadRequest, $"sinceTime: \"{text}\" is no RFC 3339 time");
            since = sinceTime;
        }

        return new LogQuery
        {
            Follow = Flag(query, "follow"),
            Previous = Flag(query, "previous"),
            Timestamps = Flag(query, "timestamps"),
            TailLines = Number(query, "tailLines", 0),
            LimitBytes = Number(query, "limitBytes", 1),
            Since = since,
        };
    }

    // The run whose log is wanted: the present or last one, or the one before it.
    private static string RunOf(PodWorker worker, string pod, string container, bool previous)
    {
        var run = worker.State[container].Run;
        if (!previous)
        {
            return run?.Id ?? throw new EndpointException(
                StatusCodes.Status400BadRequest,
                $"container \"{container}\" in pod \"{pod}\" is waiting to start: {PodLookup.WaitingReason(worker, container)}");
        }

        // A container that waits for its restart shows its last run as the previous one.
        var id = run is { End: not null } && PodPlanner.WillRestart(worker.State, container) ? run.Id
            : run is { Attempt: > 0 } ? ContainerRun.IdOf(container, run.Attempt - 1)
            : null;
        return id is not null && File.Exists(worker.Sandbox.Paths.Log(id))
            ? id
            : throw new EndpointException(StatusCodes.Status400BadRequest, $"previous terminated container \"{container}\" in pod \"{pod}\" not found");
    }

    private static bool HasEnded(PodWorker worker, string container, string runId)
    {
        var run = worker.State[container].Run;
        return worker.Completion.IsCompleted || run is null || run.Id != runId || run.End is not null;
    }

    private static bool Flag(IQueryCollection query, string name) => query[name].ToString() is "true" or "1";

    private static long? Number(IQueryCollection query, string name, long least)
    {
        var text = query[name].ToString();
        if (text.Length == 0)
            return null;
        return long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) && number >= least
            ? number
            : throw new EndpointException(StatusCodes.Status400BadRequest, $"{name}: \"{text}\" must be a number of at least {least}");
    }
}
