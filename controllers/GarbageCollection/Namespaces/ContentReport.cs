namespace ControlPlane.Controllers.GarbageCollection.Namespaces;

/// <summary>What a sweep through a namespace found.</summary>
internal sealed class ContentReport
{
    /// <summary>Why kinds could not be found out.</summary>
    public string? DiscoveryFailure { get; set; }

    /// <summary>Per kind that could not be emptied: why.</summary>
    public SortedDictionary<string, string> Failures { get; } = new(StringComparer.Ordinal);

    /// <summary>Objects left, per kind.</summary>
    public SortedDictionary<string, int> Remaining { get; } = new(StringComparer.Ordinal);

    /// <summary>Objects left, per finalizer that holds them.</summary>
    public SortedDictionary<string, int> Finalizers { get; } = new(StringComparer.Ordinal);

    /// <summary>Nothing is left, and that is certain.</summary>
    public bool IsEmpty => DiscoveryFailure is null && Failures.Count == 0 && Remaining.Count == 0;
}
