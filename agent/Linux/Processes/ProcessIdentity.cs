using System.Globalization;

namespace ControlPlane.Agent.Linux;

/// <summary>
/// A process named so that a reused process id is never mistaken for it: the id, when it started (clock ticks since boot), and the
/// boot it belongs to. The text form, <c>pid start boot</c>, is what state files hold.
/// </summary>
public readonly record struct ProcessIdentity(int Pid, ulong StartTicks, string BootId)
{
    /// <summary>The identity of a process that exists, or null.</summary>
    public static ProcessIdentity? Of(int pid) =>
        ReadStat(pid) is { } stat ? new ProcessIdentity(pid, stat.StartTicks, HostIdentity.BootId()) : null;

    /// <summary>Reads the text form; null when it is not one.</summary>
    public static ProcessIdentity? Parse(string text)
    {
        var parts = text.Trim().Split(' ');
        return parts.Length == 3
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
            && ulong.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var start)
            ? new ProcessIdentity(pid, start, parts[2])
            : null;
    }

    /// <summary>Whether this very process still runs. A zombie does not.</summary>
    public bool IsAlive() =>
        ReadStat(Pid) is { } stat && stat.StartTicks == StartTicks && stat.State is not ('Z' or 'X') && HostIdentity.BootId() == BootId;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Pid} {StartTicks} {BootId}");

    private static Stat? ReadStat(int pid)
    {
        var text = SmallFile.TryReadText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
        if (text is null) return null;

        // "pid (comm) state ppid …": comm may hold spaces and parentheses, so fields are counted from its last one.
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        const int StartTimeAfterComm = 19;
        return new Stat(fields[0][0], ulong.Parse(fields[StartTimeAfterComm], CultureInfo.InvariantCulture));
    }

    private readonly record struct Stat(char State, ulong StartTicks);
}
