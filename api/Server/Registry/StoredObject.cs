using System.Buffers;
using System.Buffers.Text;
using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;

namespace ControlPlane.Api.Server.Registry;

/// <summary>
/// An object as bytes: canonical JSON without a resourceVersion, which is spliced in on the way out. Nothing is parsed to read, list or
/// watch it. Immutable and shared.
/// </summary>
internal sealed class StoredObject
{
    private const int LongestSplice = 42;
    private readonly int _splice;
    private ObjectFacts? _facts;

    public StoredObject(string key, ReadOnlyMemory<byte> json, long revision)
    {
        Key = key;
        Json = json;
        Revision = revision;
        // apiVersion and kind, which hold no quotes, are all that comes before.
        var metadata = json.Span.IndexOf("\"metadata\":{"u8);
        if (metadata < 0)
            throw new InvalidDataException($"The stored value of {key} is no API object.");
        _splice = metadata + "\"metadata\":{"u8.Length;
    }

    public string Key { get; }

    /// <summary>Without resourceVersion.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    public long Revision { get; }

    /// <summary>An upper bound of what a Write method writes.</summary>
    public int MaxLength => Json.Length + LongestSplice;

    /// <summary>Where the value of metadata starts in <see cref="Json"/>, just after its brace.</summary>
    public int MetadataOffset => _splice;

    /// <summary>The same state under another revision: a deletion reports the revision that deleted.</summary>
    public StoredObject AtRevision(long revision) => new(Key, Json, revision);

    /// <summary>Writes the whole object with its resourceVersion.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        var json = Json.Span;
        var span = output.GetSpan(MaxLength);
        json[.._splice].CopyTo(span);
        var length = _splice + WriteVersion(span[_splice..], Revision);
        json[_splice..].CopyTo(span[length..]);
        output.Advance(length + json.Length - _splice);
    }

    /// <summary>Writes the object without apiVersion and kind, as items of lists of some kinds are.</summary>
    public void WriteBareTo(IBufferWriter<byte> output)
    {
        var json = Json.Span;
        var span = output.GetSpan(MaxLength);
        "{\"metadata\":{"u8.CopyTo(span);
        var length = "{\"metadata\":{"u8.Length;
        length += WriteVersion(span[length..], Revision);
        json[_splice..].CopyTo(span[length..]);
        output.Advance(length + json.Length - _splice);
    }

    /// <summary>Writes the object cut down to its metadata, as a PartialObjectMetadata.</summary>
    public void WriteMetadataTo(IBufferWriter<byte> output)
    {
        var metadata = Json.Span[_splice..MetadataEnd()];
        var start = "{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":{"u8;
        var span = output.GetSpan(start.Length + LongestSplice + metadata.Length + 1);
        start.CopyTo(span);
        var length = start.Length + WriteVersion(span[start.Length..], Revision);
        metadata.CopyTo(span[length..]);
        length += metadata.Length;
        span[length++] = (byte)'}';
        output.Advance(length);
    }

    /// <summary>What selectors look at; read from the bytes when first asked for.</summary>
    public ObjectFacts FactsFor(FactReader reader) => _facts ??= reader.Read(Json.Span);

    /// <summary>The object as a tree with its resourceVersion; the caller owns the tree.</summary>
    public JsonObject ToTree()
    {
        var tree = StrictJson.ParseObject(Json.Span);
        if (Revision == 0)
            return tree;
        tree.GetObject("metadata")!["resourceVersion"] = Revision.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return tree;
    }

    private int MetadataEnd()
    {
        var reader = new System.Text.Json.Utf8JsonReader(Json.Span[(_splice - 1)..]);
        reader.Read();
        reader.Skip();
        return _splice - 1 + (int)reader.BytesConsumed;
    }

    private static int WriteVersion(Span<byte> span, long revision)
    {
        // What a dry run would have created was never stored.
        if (revision == 0)
            return 0;
        var name = "\"resourceVersion\":\""u8;
        name.CopyTo(span);
        Utf8Formatter.TryFormat(revision, span[name.Length..], out var digits);
        var length = name.Length + digits;
        // Metadata always has a name, so a comma always fits.
        "\","u8.CopyTo(span[length..]);
        return length + 2;
    }
}
