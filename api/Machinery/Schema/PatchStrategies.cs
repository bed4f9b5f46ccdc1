namespace ControlPlane.Api.Machinery.Schema;

/// <summary>What a strategic merge patch does with a field, beside replacing it.</summary>
[Flags]
public enum PatchStrategies
{
    None = 0,

    /// <summary>Lists merge by key, or as sets when their items are scalars.</summary>
    Merge = 1,

    /// <summary><c>$retainKeys</c> in the patch clears every other field.</summary>
    RetainKeys = 2,
}
