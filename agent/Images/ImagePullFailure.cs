namespace ControlPlane.Agent.Images;

/// <summary>Why an image is not here.</summary>
public enum ImagePullFailure
{
    InvalidImageName,

    /// <summary>The image is absent and the policy is Never.</summary>
    NeverPull,

    /// <summary>The registry answers and has no such image.</summary>
    ManifestUnknown,

    /// <summary>The registry wants other credentials.</summary>
    Unauthorized,

    /// <summary>The registry cannot be reached, or fails.</summary>
    RegistryUnavailable,

    /// <summary>The image arrived and was refused: broken, hostile, or for another platform.</summary>
    InvalidImage,

    /// <summary>This node's disk failed or is full.</summary>
    Storage,
}
