namespace ControlPlane.Agent.Images;

/// <summary>An image could not be made present; the message names the image and what to do.</summary>
public sealed class ImagePullException(ImagePullFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    public ImagePullFailure Failure { get; } = failure;

    /// <summary>The reason for a waiting container, in Kubernetes' words. Backing off is the caller's state.</summary>
    public string WaitingReason => Failure switch
    {
        ImagePullFailure.InvalidImageName => "InvalidImageName",
        ImagePullFailure.NeverPull => "ErrImageNeverPull",
        ImagePullFailure.RegistryUnavailable => "RegistryUnavailable",
        _ => "ErrImagePull",
    };
}
