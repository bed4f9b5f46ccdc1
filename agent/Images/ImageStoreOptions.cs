
namespace ControlPlane.Agent.Images;

public sealed record ImageStoreOptions
{
    /// <summary>A directory of the store's own, on a file system that overlay can use as lower layer.</summary>
    public required string Root { get; init; }

    public UnpackLimits Limits { get; init; } = new();
}
