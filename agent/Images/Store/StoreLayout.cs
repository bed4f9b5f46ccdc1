namespace ControlPlane.Agent.Images.Store;

/// <summary>Where the store keeps what. Everything is made in <see cref="Temporary"/> and moved into place by one rename.</summary>
internal sealed class StoreLayout
{
    public StoreLayout(string root)
    {
        Root = Path.GetFullPath(root);
        // Layers hold other people's set-user-id programs: only root may look inside.
        foreach (var directory in new[] { Root, Blobs, Layers, Partial, Temporary })
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public string Root { get; }

    public string Blobs => Path.Combine(Root, "blobs", "sha256");

    /// <summary>One directory per chain id.</summary>
    public string Layers => Path.Combine(Root, "layers");

    /// <summary>Unfinished downloads, resumed by the next try.</summary>
    public string Partial => Path.Combine(Root, "partial");

    /// <summary>Emptied when the store is opened.</summary>
    public string Temporary => Path.Combine(Root, "tmp");

    public string Index => Path.Combine(Root, "images.json");

    public string Lock => Path.Combine(Root, "lock");

    public string Blob(Digest digest) => Path.Combine(Blobs, digest.Hex);

    public string Layer(Digest chainId) => Path.Combine(Layers, chainId.Hex);

    public string NewTemporary() => Path.Combine(Temporary, Guid.NewGuid().ToString("N"));
}
