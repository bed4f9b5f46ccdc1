using System.Text;
using ControlPlane.Agent.Linux;
using ControlPlane.Agent.Shim.Contract;
using ControlPlane.Api.Core.V1;

namespace ControlPlane.Agent.Pods;

/// <summary>Turns what a shim says about a container's end into what users read.</summary>
internal static class ExitReports
{
    private const int MessageBytes = 4096;
    private const int LogMessageBytes = 2048;

    /// <summary>The container whose present run this is the end of; null for one that is not the agent's concern any more.</summary>
    public static string? Find(PodState state, ContainerExit exit) =>
        state.Containers.FirstOrDefault(c => c.Value.Run is { End: null } run && run.Id == exit.Id).Key;

    public static PodEvent.RunEnded ToEvent(PodState state, string container, ContainerExit exit, PodPaths paths)
    {
        var end = new ContainerStateTerminated
        {
            ExitCode = exit.ExitCode,
            Signal = exit.Signal > 0 ? exit.Signal : null,
            Reason = exit.OomKilled ? "OOMKilled" : exit.ExitCode == 0 ? "Completed" : "Error",
            Message = Message(PodSpecs.Find(state.Pod, container), exit, paths),
            StartedAt = Time(exit.StartedAt),
            FinishedAt = Time(exit.FinishedAt),
            ContainerId = PodSpecs.ContainerId(state.Uid, exit.Id),
        };
        return new PodEvent.RunEnded(container, exit.Id, end);
    }

    /// <summary>Ends that are on disk and not yet in the state.</summary>
    public static IEnumerable<PodEvent.RunEnded> FromFiles(PodState state, PodPaths paths)
    {
        foreach (var (name, life) in state.Containers)
        {
            if (life.Run is { End: null } run && SmallFile.TryReadText(Path.Combine(paths.Bundle(run.Id), PodDirectory.ExitFile)) is { Length: > 0 } text)
                yield return ToEvent(state, name, ContainerExit.FromFile(text), paths);
        }
    }

    public static DateTimeOffset Time(long unixNanoseconds) => DateTimeOffset.UnixEpoch.AddTicks(unixNanoseconds / TimeSpan.NanosecondsPerTick);

    // The container's own words: its termination log, or, where it asks for that, the end of its output.
    private static string? Message(Container? container, ContainerExit exit, PodPaths paths)
    {
        var message = Tail(paths.TerminationLog(exit.Id), MessageBytes);
        if (message.Length == 0 && exit.ExitCode != 0 && container?.TerminationMessagePolicy == "FallbackToLogsOnError")
            message = LastLines(paths.Log(exit.Id));
        return message.Length == 0 ? null : message;
    }

    private static string LastLines(string log)
    {
        var text = new StringBuilder();
        foreach (var line in Tail(log, 4 * LogMessageBytes).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (Logs.CriEntry.TryParse(Encoding.UTF8.GetBytes(line), out var entry))
                text.Append(Encoding.UTF8.GetString(entry.Text)).Append(entry.IsPartial ? "" : "\n");
        }

        return text.Length <= LogMessageBytes ? text.ToString() : text.ToString(text.Length - LogMessageBytes, LogMessageBytes);
    }

    private static string Tail(string path, int limit)
    {
        if (!File.Exists(path))
            return "";
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Position = Math.Max(0, file.Length - limit);
        var buffer = new byte[limit];
        return Encoding.UTF8.GetString(buffer, 0, file.ReadAtLeast(buffer, limit, throwOnEndOfStream: false));
    }
}
