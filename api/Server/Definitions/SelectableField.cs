namespace ControlPlane.Api.Server.Definitions;

/// <summary>A field that field selectors may name.</summary>
/// <param name="Path">As selectors write it: dotted, without a leading dot.</param>
/// <param name="Default">What an absent field compares as.</param>
internal sealed record SelectableField(string Path, string Default)
{
    /// <summary>Where the value is, when not at <see cref="Path"/>.</summary>
    public string ValuePath { get; init; } = Path;
}
