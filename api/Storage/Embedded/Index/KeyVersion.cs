namespace ControlPlane.Api.Storage.Embedded.Index;

/// <summary>What a key became at one revision: a value, or nothing (<see cref="Value"/> is null) when it was deleted.</summary>
internal sealed class KeyVersion(KeyEntry entry, long revision, StoredValue? value, KeyVersion? previous)
{
    // A rough price of the objects around a version's bytes.
    private const int Overhead = 160;
    private KeyVersion? _previous = previous;

    public KeyEntry Entry { get; } = entry;

    public long Revision { get; } = revision;

    public StoredValue? Value { get; } = value;

    /// <summary>The version before, until history forgets it.</summary>
    public KeyVersion? Previous => Volatile.Read(ref _previous);

    public int Bytes => Overhead + (2 * Entry.Key.Length) + (Value?.Value.Length ?? 0);

    public void ForgetPrevious() => Volatile.Write(ref _previous, null);

    public StoreEvent ToEvent() => new(Entry.Key, new Revision(Revision), Value?.Value, Previous?.Value);
}

/// <summary>A key and its newest version. The writer alone moves <see cref="Head"/>; readers walk back from it without a lock.</summary>
internal sealed class KeyEntry(string key)
{
    private KeyVersion? _head;

    public string Key { get; } = key;

    public KeyVersion? Head
    {
        get => Volatile.Read(ref _head);
        set => Volatile.Write(ref _head, value);
    }

    /// <summary>The newest version not after <paramref name="revision"/>, or null.</summary>
    public KeyVersion? At(long revision)
    {
        KeyVersion? version = Head;
        while (version is not null && version.Revision > revision)
        {
            version = version.Previous;
        }

        return version;
    }
}
