using System.Text;
using Google.Protobuf;
using ControlPlane.Api.Storage.Etcd.Protocol;

namespace ControlPlane.Api.Storage.Etcd;

/// <summary>
/// Keys of the store as keys of etcd: the prefix, then the key's UTF-8. Below every key of the store lies one of our own,
/// <see cref="Sync"/>, written only to be seen in watches.
/// </summary>
internal sealed class EtcdKeys(string prefix)
{
    private readonly byte[] _prefix = Encoding.UTF8.GetBytes(prefix);

    /// <summary>Sorts before every key of the store, since those do not begin with U+0000.</summary>
    public byte[] Sync { get; } = [.. Encoding.UTF8.GetBytes(prefix), 0, .. "sync"u8];

    public byte[] Of(string key) => [.. _prefix, .. Encoding.UTF8.GetBytes(key)];

    /// <summary>The first key a range with this prefix can have.</summary>
    public byte[] FirstOf(string keyPrefix) => keyPrefix.Length == 0 ? [.. _prefix, 1] : Of(keyPrefix);

    /// <summary>The first key after those with this prefix; etcd's single 0 byte when there is none.</summary>
    public byte[] EndOf(string keyPrefix)
    {
        byte[] end = Of(keyPrefix);
        for (int i = end.Length - 1; i >= 0; i--)
        {
            if (end[i] < 0xFF)
            {
                end[i]++;
                return end[..(i + 1)];
            }
        }

        return [0];
    }

    public bool IsSync(ByteString key) => key.Span.SequenceEqual(Sync);

    public string KeyOf(ByteString key) => Encoding.UTF8.GetString(key.Span[_prefix.Length..]);

    public StoredValue ValueOf(KeyValue pair) => new(KeyOf(pair.Key), pair.Value.Memory, new Revision(pair.ModRevision));

    public StoreEvent EventOf(Event change)
    {
        KeyValue pair = change.Kv;
        bool put = change.Type == Event.Types.EventType.Put;
        if (change.PrevKv is null && (!put || pair.CreateRevision != pair.ModRevision))
        {
            // A compaction overtook the watch between two revisions of this key. Calling it a creation would be a lie.
            throw new StoreException(StoreFault.Compacted, $"History before revision {pair.ModRevision} is gone.") { Boundary = new Revision(pair.ModRevision) };
        }

        return new StoreEvent(
            KeyOf(pair.Key),
            new Revision(pair.ModRevision),
            put ? pair.Value.Memory : default(ReadOnlyMemory<byte>?),
            change.PrevKv is null ? null : ValueOf(change.PrevKv));
    }
}
