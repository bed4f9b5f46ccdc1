namespace ControlPlane.Api.Server.Definitions;

/// <summary>Where the scale subresource finds its numbers, as dotted field names without a leading dot.</summary>
/// <param name="Spec">Desired number of instances.</param>
/// <param name="Status">Observed number of instances.</param>
/// <param name="Selector">Selector of the instances, as text; null when the kind has none.</param>
internal sealed record ScalePaths(string Spec, string Status, string? Selector);
