namespace ControlPlane.Agent.Images;

/// <summary>What one layer may cost before it is taken for a bomb.</summary>
public sealed record UnpackLimits
{
    public long MaxEntries { get; init; } = 2_000_000;

    public long MaxBytes { get; init; } = 64L << 30;

    /// <summary>Inflated bytes per compressed byte, counted once a layer has inflated to more than <see cref="RatioFreeBytes"/>.</summary>
    public int MaxRatio { get; init; } = 200;

    public long RatioFreeBytes { get; init; } = 512L << 20;

    public long AllowedBytes(long compressedSize) => Math.Min(MaxBytes, Math.Max(RatioFreeBytes, compressedSize * MaxRatio));
}
