namespace ControlPlane.Agent.Images;

/// <summary>The credentials to try for an image, most specific first; asked only when a registry is about to be used.</summary>
public delegate ValueTask<IReadOnlyList<RegistryCredentials>> CredentialProvider(
    ImageReference reference, CancellationToken cancellation);
