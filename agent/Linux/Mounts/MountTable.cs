namespace ControlPlane.Agent.Linux;

/// <summary>What is mounted in the caller's mount namespace, in the order it was mounted.</summary>
public static class MountTable
{
    /// <summary>Reads the kernel's table.</summary>
    public static IReadOnlyList<MountEntry> Read() => Parse(SmallFile.ReadText("/proc/self/mountinfo"));

    /// <summary>Whether something is mounted exactly here.</summary>
    public static bool IsMountPoint(string path) => Read().Any(mount => mount.Point == path);

    /// <summary>Parses the form of <c>/proc/PID/mountinfo</c>.</summary>
    public static IReadOnlyList<MountEntry> Parse(string mountInfo)
    {
        var entries = new List<MountEntry>();
        foreach (var line in mountInfo.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            // id parent major:minor root POINT options [tags…] - TYPE SOURCE super-options
            var fields = line.Split(' ');
            var separator = Array.IndexOf(fields, "-");
            entries.Add(new MountEntry(Unescape(fields[4]), fields[separator + 1], Unescape(fields[separator + 2])));
        }

        return entries;
    }

    /// <summary>Space, tab, newline and backslash appear as a backslash and three octal digits.</summary>
    private static string Unescape(string field)
    {
        var escape = field.IndexOf('\\', StringComparison.Ordinal);
        if (escape < 0) return field;
        var text = new System.Text.StringBuilder(field.Length);
        for (var i = 0; i < field.Length; i++)
        {
            if (field[i] == '\\' && i + 3 < field.Length)
            {
                text.Append((char)Convert.ToInt32(field.Substring(i + 1, 3), 8));
                i += 3;
            }
            else
            {
                text.Append(field[i]);
            }
        }

        return text.ToString();
    }
}
