using System.Globalization;
using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;

namespace ControlPlane.Api.Server.Printing;

/// <summary>A pod in a row.</summary>
/// <param name="Ready">Containers that are ready.</param>
/// <param name="Reason">E.g. Running, CrashLoopBackOff, Init:0/1, Terminating.</param>
/// <param name="Restarts">Restarts, and when the last one was.</param>
internal sealed record PodSummary(int Ready, string Reason, string Restarts)
{
    public static PodSummary Of(JsonObject metadata, JsonObject? spec, JsonObject? status, DateTimeOffset now)
    {
        var reason = status?.GetString("reason") is { Length: > 0 } given ? given : status?.GetString("phase") ?? "Unknown";
        var tally = new Tally();
        if (Initializing(spec, status, tally) is { } initializing)
        {
            reason = initializing;
        }
        else
        {
            // The restarts of init containers count only while they run.
            tally = new Tally();
            reason = Running(status, reason, tally);
        }
        if (metadata.ContainsKey("deletionTimestamp"))
            reason = status?.GetString("reason") == "NodeLost" ? "Unknown" : status?.GetString("phase") is "Succeeded" or "Failed" ? reason : "Terminating";
        return new PodSummary(tally.Ready, reason, tally.Describe(now));
    }

    /// <summary>What the first init container that is not done does; null when all are.</summary>
    private static string? Initializing(JsonObject? spec, JsonObject? status, Tally tally)
    {
        var total = spec?.GetArray("initContainers")?.Count ?? 0;
        var statuses = status?.GetArray("initContainerStatuses")?.OfType<JsonObject>().ToArray() ?? [];
        for (var i = 0; i < statuses.Length; i++)
        {
            tally.Count(statuses[i]);
            var state = statuses[i].GetObject("state");
            if (state?.GetObject("terminated") is { } ended)
            {
                if (ExitCode(ended) == 0)
                    continue;
                return "Init:" + Ended(ended);
            }
            return state?.GetObject("waiting")?.GetString("reason") is { Length: > 0 } why && why != "PodInitializing"
                ? "Init:" + why
                : string.Create(CultureInfo.InvariantCulture, $"Init:{i}/{total}");
        }
        return null;
    }

    private static string Running(JsonObject? status, string reason, Tally tally)
    {
        var hasRunning = false;
        foreach (var container in (status?.GetArray("containerStatuses")?.OfType<JsonObject>() ?? []).Reverse())
        {
            tally.Count(container);
            var state = container.GetObject("state");
            if (state?.GetObject("waiting")?.GetString("reason") is { Length: > 0 } why)
            {
                reason = why;
            }
            else if (state?.GetObject("terminated") is { } ended)
            {
                reason = Ended(ended);
            }
            else if (state?.GetObject("running") is not null && container["ready"] is JsonValue flag && flag.TryGetValue(out bool ready) && ready)
            {
                hasRunning = true;
                tally.Ready++;
            }
        }
        // One container has ended well, others run on.
        if (reason == "Completed" && hasRunning)
            return IsReady(status) ? "Running" : "NotReady";
        return reason;
    }

    private static bool IsReady(JsonObject? status) =>
        status?.GetArray("conditions")?.OfType<JsonObject>().Any(c => c.GetString("type") == "Ready" && c.GetString("status") == "True") ?? false;

    private static string Ended(JsonObject ended)
    {
        if (ended.GetString("reason") is { Length: > 0 } why)
            return why;
        return JsonNumbers.TryGetInt64(ended["signal"], out var signal) && signal != 0
            ? string.Create(CultureInfo.InvariantCulture, $"Signal:{signal}")
            : string.Create(CultureInfo.InvariantCulture, $"ExitCode:{ExitCode(ended)}");
    }

    private static long ExitCode(JsonObject ended) => JsonNumbers.TryGetInt64(ended["exitCode"], out var code) ? code : 0;

    private sealed class Tally
    {
        private long _restarts;
        private DateTimeOffset? _last;

        public int Ready { get; set; }

        public void Count(JsonObject container)
        {
            if (JsonNumbers.TryGetInt64(container["restartCount"], out var count))
                _restarts += count;
            if (DateTimeOffset.TryParse(container.GetObject("lastState")?.GetObject("terminated")?.GetString("finishedAt"), CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal, out var finished) && (_last is null || finished > _last))
            {
                _last = finished;
            }
        }

        public string Describe(DateTimeOffset now) => _restarts > 0 && _last is { } last
            ? string.Create(CultureInfo.InvariantCulture, $"{_restarts} ({HumanDuration.Format(now - last)} ago)")
            : _restarts.ToString(CultureInfo.InvariantCulture);
    }
}
