namespace ControlPlane.Api.Storage;

/// <summary>Which keys to read.</summary>
/// <param name="Prefix">Keys start with this.</param>
public sealed record RangeQuery(string Prefix)
{
    /// <summary>At most this many; 0 = all.</summary>
    public int Limit { get; init; }

    /// <summary>Only keys strictly after this one, in ordinal order; used to continue.</summary>
    public string? AfterKey { get; init; }

    /// <summary>As they were at this revision; <c>null</c> = latest, linearizable.</summary>
    public Revision? AtRevision { get; init; }
}

/// <summary>One page of a range.</summary>
/// <param name="Items">In ordinal key order.</param>
/// <param name="Revision">The revision at which the page was read.</param>
/// <param name="Remaining">How many keys follow this page.</param>
public sealed record RangePage(IReadOnlyList<StoredValue> Items, Revision Revision, long Remaining);
