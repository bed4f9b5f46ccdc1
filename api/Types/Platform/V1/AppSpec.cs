using ControlPlane.Api.Schema;

namespace ControlPlane.Api.Platform.V1;

/// <summary>The desired state of an app.</summary>
public sealed record AppSpec : AppTemplate
{
    /// <summary>How many instances to run. 0 stops all and keeps the app.</summary>
    [Default("1"), Minimum(0), Maximum(100000)]
    public int? Instances { get; init; }
}
