namespace ControlPlane.Agent.Images.Store;

/// <summary>Content by digest. A blob is there completely and verified, or not at all.</summary>
internal sealed class BlobStore(StoreLayout layout)
{
    public bool Contains(Digest digest) => File.Exists(layout.Blob(digest));

    public FileStream OpenRead(Digest digest) =>
        new(layout.Blob(digest), FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);

    /// <summary>A small blob, whole. Its digest is verified again, so that a damaged disk is noticed.</summary>
    public byte[] ReadAll(Digest digest, long maxBytes)
    {
        using var file = OpenRead(digest);
        if (file.Length > maxBytes)
            throw new InvalidImageException($"{digest} has {file.Length} bytes; at most {maxBytes} are accepted for image metadata");
        var content = new byte[file.Length];
        file.ReadExactly(content);
        return Digest.Of(content) == digest
            ? content
            : throw new InvalidImageException($"{digest} is damaged on this node's disk: remove the image and pull it again");
    }

    public Digest Add(ReadOnlySpan<byte> content)
    {
        using var writer = new BlobWriter(layout, layout.NewTemporary());
        writer.Write(content);
        var digest = Digest.Of(content);
        writer.Commit(digest, content.Length);
        return digest;
    }

    public BlobWriter BeginWrite() => new(layout, layout.NewTemporary());

    /// <summary>Continues an earlier, unfinished write of this blob; the writer says how much is there.</summary>
    public BlobWriter ResumeWrite(Digest digest) => new(layout, Path.Combine(layout.Partial, digest.Hex), keepUnfinished: true);
}
