using System.Globalization;

namespace ControlPlane.Agent.Shim.Contract;

/// <summary>How a container ended. Also the content of the <c>exit</c> file in its bundle, which exists before anybody is told.</summary>
public sealed record ContainerExit
{
    /// <summary>The container.</summary>
    public required string Id { get; init; }

    /// <summary>Its first process.</summary>
    public required int Pid { get; init; }

    /// <summary>The exit code, or 128 + the signal.</summary>
    public required int ExitCode { get; init; }

    /// <summary>The signal that ended it, or 0.</summary>
    public required int Signal { get; init; }

    /// <summary>Processes of the container the kernel killed because memory ran out.</summary>
    public required long OomKills { get; init; }

    /// <summary>When it was seen running, in nanoseconds since 1970 UTC.</summary>
    public required long StartedAt { get; init; }

    /// <summary>When it was reaped, in nanoseconds since 1970 UTC.</summary>
    public required long FinishedAt { get; init; }

    /// <summary>
    /// Whether it ended for want of memory: a process of it was killed so and it failed. One that lost a helper and still ended with 0
    /// coped, and is no failure.
    /// </summary>
    public bool OomKilled => OomKills > 0 && ExitCode != 0;

    public void Write(FrameWriter writer) => writer.Begin(FrameKind.ContainerExited)
        .Text(Id).Int32(Pid).Int32(ExitCode).Int32(Signal).Int64(OomKills).Int64(StartedAt).Int64(FinishedAt)
        .End();

    public static ContainerExit Read(FrameReader reader) => new()
    {
        Id = reader.Text(),
        Pid = reader.Int32(),
        ExitCode = reader.Int32(),
        Signal = reader.Int32(),
        OomKills = reader.Int64(),
        StartedAt = reader.Int64(),
        FinishedAt = reader.Int64(),
    };

    /// <summary>The file form: one <c>name=value</c> per line.</summary>
    public string ToFile() => string.Create(
        CultureInfo.InvariantCulture,
        $"id={Id}\npid={Pid}\nexitCode={ExitCode}\nsignal={Signal}\noomKills={OomKills}\nstartedAt={StartedAt}\nfinishedAt={FinishedAt}\n");

    /// <summary>Reads the file form. Unknown names are skipped.</summary>
    /// <exception cref="FormatException">A name is missing or its value no number.</exception>
    public static ContainerExit FromFile(string text)
    {
        var lines = text.Split('\n');
        return new ContainerExit
        {
            Id = Value(lines, "id"),
            Pid = (int)Number(lines, "pid"),
            ExitCode = (int)Number(lines, "exitCode"),
            Signal = (int)Number(lines, "signal"),
            OomKills = Number(lines, "oomKills"),
            StartedAt = Number(lines, "startedAt"),
            FinishedAt = Number(lines, "finishedAt"),
        };
    }

    private static long Number(string[] lines, string name) => long.Parse(Value(lines, name), CultureInfo.InvariantCulture);

    private static string Value(string[] lines, string name)
    {
        foreach (var line in lines)
        {
            if (line.Length > name.Length && line[name.Length] == '=' && line.StartsWith(name, StringComparison.Ordinal)) return line[(name.Length + 1)..];
        }

        throw new FormatException("The exit record has no " + name + ".");
    }
}
