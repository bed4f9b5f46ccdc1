using System.Buffers.Text;

namespace ControlPlane.Agent.Images.Unpacking;

/// <summary>PAX extended headers: <c>"LENGTH KEY=VALUE\n"</c>, where LENGTH counts the whole record.</summary>
internal static class PaxRecords
{
    public static Dictionary<string, byte[]> Parse(ReadOnlySpan<byte> data)
    {
        var records = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        while (!data.IsEmpty)
        {
            if (!Utf8Parser.TryParse(data, out int length, out var digits) || length <= digits + 1 || length > data.Length
                || data[digits] != ' ' || data[length - 1] != '\n')
                throw new InvalidImageException("the archive has a malformed extended header");
            var record = data[(digits + 1)..(length - 1)];
            var equals = record.IndexOf((byte)'=');
            if (equals <= 0)
                throw new InvalidImageException("the archive has an extended header without a value");
            records[ByteString.From(record[..equals])] = record[(equals + 1)..].ToArray();
            data = data[length..];
        }

        return records;
    }

    public static Dictionary<string, byte[]>? Merge(Dictionary<string, byte[]>? first, Dictionary<string, byte[]>? second)
    {
        if (first is null || second is null)
            return second ?? first;
        var merged = new Dictionary<string, byte[]>(first, StringComparer.Ordinal);
        foreach (var (key, value) in second)
            merged[key] = value;
        return merged;
    }
}
