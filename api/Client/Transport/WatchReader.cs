using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Serialization;

namespace ControlPlane.Api.Client.Transport;

/// <summary>
/// Reads a watch stream: one JSON object per line,
/// <c>{"type":"ADDED|MODIFIED|DELETED|BOOKMARK|ERROR","object":{…}}</c>.
/// </summary>
internal static class WatchReader
{
    private const int MaxLine = 16 * 1024 * 1024;

    public static async IAsyncEnumerable<WatchEvent<T>> ReadAsync<T>(Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken) where T : class
    {
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 32 * 1024, leaveOpen: true));
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                var buffer = read.Buffer;
                while (TryTakeLine(ref buffer, out var line))
                {
                    if (!line.IsEmpty)
                        yield return Parse<T>(line);
                }
                if (buffer.Length > MaxLine)
                    throw new InvalidDataException($"A watch event is longer than {MaxLine} bytes.");
                reader.AdvanceTo(buffer.Start, buffer.End);
                if (!read.IsCompleted)
                    continue;
                // A line without its end is a stream cut in the middle of an event.
                if (!buffer.IsEmpty)
                    throw new EndOfStreamException("The watch ended within an event.");
                yield break;
            }
        }
        finally
        {
            await reader.CompleteAsync().ConfigureAwait(false);
        }
    }

    private static bool TryTakeLine(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> line)
    {
        if (buffer.PositionOf((byte)'\n') is not { } end)
        {
            line = default;
            return false;
        }
        line = buffer.Slice(0, end);
        buffer = buffer.Slice(buffer.GetPosition(1, end));
        return true;
    }

    private static WatchEvent<T> Parse<T>(ReadOnlySequence<byte> line) where T : class
    {
        string? type = null;
        ReadOnlySequence<byte> value = default;
        var reader = new Utf8JsonReader(line);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals("type"u8);
            var isObject = reader.ValueTextEquals("object"u8);
            reader.Read();
            var start = reader.TokenStartIndex;
            if (isType)
                type = reader.GetString();
            reader.Skip();
            if (isObject)
                value = line.Slice(start, reader.BytesConsumed - start);
        }
        return type switch
        {
            "ADDED" => Change<T>(WatchEventType.Added, value),
            "MODIFIED" => Change<T>(WatchEventType.Modified, value),
            "DELETED" => Change<T>(WatchEventType.Deleted, value),
            "BOOKMARK" => Bookmark<T>(Decode<PartialObjectMetadata>(value)),
            "ERROR" => throw new ApiException(Decode<Status>(value)),
            _ => throw new JsonException($"Unknown watch event type {type}."),
        };
    }

    private static WatchEvent<T> Change<T>(WatchEventType type, ReadOnlySequence<byte> value) where T : class
    {
        var item = Decode<T>(value);
        return new WatchEvent<T>(type, item, ResponseMetadata.Of(item).ResourceVersion ?? throw new JsonException("A watch event's object has no resourceVersion."));
    }

    private static WatchEvent<T> Bookmark<T>(PartialObjectMetadata mark) where T : class => new(
        WatchEventType.Bookmark,
        null,
        mark.Metadata.ResourceVersion ?? throw new JsonException("A bookmark has no resourceVersion."),
        mark.Metadata.Annotations.GetValueOrDefault("k8s.io/initial-events-end") == "true");

    private static T Decode<T>(ReadOnlySequence<byte> value)
    {
        var reader = new Utf8JsonReader(value);
        return JsonSerializer.Deserialize<T>(ref reader, ApiJson.Options) ?? throw new JsonException($"null is no {typeof(T).Name}.");
    }
}
