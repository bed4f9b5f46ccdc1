namespace ControlPlane.Api.Platform.V1;

/// <summary>Which label of a node a <see cref="PlacementConstraint.Field"/> means.</summary>
public static class PlacementFields
{
    /// <summary>The label's key: <c>@hostname</c> (or <c>hostname</c>), <c>@region</c> and <c>@zone</c> have well-known ones, all else is the key itself.</summary>
    public static string LabelOf(string field) => field switch
    {
        "@hostname" or "hostname" => WellKnownLabels.Hostname,
        "@region" => WellKnownLabels.Region,
        "@zone" => WellKnownLabels.Zone,
        _ => field,
    };
}
