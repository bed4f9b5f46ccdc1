using System.Globalization;

namespace ControlPlane.Agent.Images;

/// <summary>How far a pull is; layers and bytes that were already here count as done.</summary>
public readonly record struct PullProgress(int LayersDone, int Layers, long BytesDone, long Bytes)
{
    /// <summary><c>layer 3/7, 41 of 120 MiB</c></summary>
    public override string ToString()
    {
        const double mebibyte = 1 << 20;
        var current = Math.Min(LayersDone + 1, Layers);
        return string.Create(
            CultureInfo.InvariantCulture, $"layer {current}/{Layers}, {BytesDone / mebibyte:0.#} of {Bytes / mebibyte:0.#} MiB");
    }
}
