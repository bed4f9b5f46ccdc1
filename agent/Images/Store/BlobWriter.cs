using System.Security.Cryptography;

namespace ControlPlane.Agent.Images.Store;

/// <summary>Writes one blob, hashing as it goes.</summary>
internal sealed class BlobWriter : IDisposable
{
    private readonly StoreLayout _layout;
    private readonly string _path;
    private readonly bool _keepUnfinished;
    private readonly FileStream _file;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private bool _done;

    public BlobWriter(StoreLayout layout, string path, bool keepUnfinished = false)
    {
        _layout = layout;
        _path = path;
        _keepUnfinished = keepUnfinished;
        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        HashExisting();
    }

    /// <summary>Bytes written so far, an earlier try's included.</summary>
    public long Length { get; private set; }

    /// <summary>The digest of what is written so far.</summary>
    public Digest Digest => Digest.FromHash(_hash.GetCurrentHash());

    public void Write(ReadOnlySpan<byte> data)
    {
        _file.Write(data);
        _hash.AppendData(data);
        Length += data.Length;
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        await _file.WriteAsync(data, cancellation);
        _hash.AppendData(data.Span);
        Length += data.Length;
    }

    /// <summary>Forgets what is written: the sender starts from the beginning.</summary>
    public void Restart()
    {
        _file.SetLength(0);
        _file.Position = 0;
        _ = _hash.GetHashAndReset();
        Length = 0;
    }

    /// <summary>Puts the blob in place. A blob that is not what it should be is thrown away.</summary>
    public void Commit(Digest expected, long? expectedSize)
    {
        var actual = Digest.FromHash(_hash.GetHashAndReset());
        _done = true;
        _file.Dispose();
        if (actual != expected || (expectedSize is { } size && size != Length))
        {
            File.Delete(_path);
            throw new InvalidImageException(
                $"content was refused: expected {expected} ({expectedSize?.ToString() ?? "any"} bytes), got {actual} ({Length} bytes)");
        }

        File.Move(_path, _layout.Blob(expected), overwrite: true);
    }

    public void Dispose()
    {
        _hash.Dispose();
        _file.Dispose();
        if (!_done && !_keepUnfinished)
            File.Delete(_path);
    }

    private void HashExisting()
    {
        if (_file.Length == 0)
            return;
        var buffer = new byte[1 << 20];
        int count;
        while ((count = _file.Read(buffer)) > 0)
            _hash.AppendData(buffer.AsSpan(0, count));
        Length = _file.Position;
    }
}
