namespace ControlPlane.Api.Storage;

/// <summary>What a key must be for a write to happen.</summary>
public readonly record struct Expectation
{
    private readonly long _code;

    private Expectation(long code) => _code = code;

    /// <summary>Whatever it is.</summary>
    public static Expectation Any => default;

    /// <summary>The key does not exist.</summary>
    public static Expectation Absent => new(-1);

    /// <summary>The key's last write was at exactly this revision.</summary>
    public static Expectation At(Revision revision) =>
        revision.Value > 0 ? new(revision.Value) : throw new ArgumentOutOfRangeException(nameof(revision), revision, "A written key has a positive revision.");

    /// <summary>Whether <see cref="Absent"/>.</summary>
    public bool IsAbsent => _code == -1;

    /// <summary>The expected revision, or <c>null</c>.</summary>
    public Revision? Revision => _code > 0 ? new Revision(_code) : null;

    /// <summary>Whether a key last written at <paramref name="current"/> (<c>null</c> = absent) is as expected.</summary>
    public bool Matches(Revision? current) => _code switch
    {
        0 => true,
        -1 => current is null,
        _ => current?.Value == _code,
    };
}
