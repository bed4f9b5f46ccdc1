using System.Globalization;
using System.Text;

namespace ControlPlane.Api.Server.Streaming;

/// <summary>The head of an HTTP/1.1 answer, read by hand because what follows a 101 is not HTTP.</summary>
internal sealed class UpgradeHead
{
    private const int MaxBytes = 32 * 1024;
    private readonly Dictionary<string, string> _headers;

    private UpgradeHead(int code, Dictionary<string, string> headers, ReadOnlyMemory<byte> rest)
    {
        Code = code;
        _headers = headers;
        Rest = rest;
    }

    public int Code { get; }

    /// <summary>Bytes that came with the head and belong to what follows it.</summary>
    public ReadOnlyMemory<byte> Rest { get; }

    public string? Header(string name) => _headers.GetValueOrDefault(name);

    /// <summary>The body of an ordinary answer.</summary>
    public Stream Body(Stream connection)
    {
        var raw = new JoinedStream(Rest, connection);
        if (string.Equals(Header("Transfer-Encoding"), "chunked", StringComparison.OrdinalIgnoreCase))
            return new ChunkedStream(raw);
        return long.TryParse(Header("Content-Length"), NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? new BoundedStream(raw, length) : raw;
    }

    public static async Task WriteRequestAsync(
        Stream connection, string method, string target, AgentAddress address, IEnumerable<KeyValuePair<string, string>> headers, CancellationToken cancellationToken)
    {
        var host = address.Host.Contains(':', StringComparison.Ordinal) ? $"[{address.Host}]" : address.Host;
        var text = new StringBuilder($"{method} {target} HTTP/1.1\r\nHost: {host}:{address.Port}\r\n");
        foreach (var (name, value) in headers)
            text.Append(name).Append(": ").Append(value).Append("\r\n");
        text.Append("\r\n");
        await connection.WriteAsync(Encoding.ASCII.GetBytes(text.ToString()), cancellationToken);
        await connection.FlushAsync(cancellationToken);
    }

    /// <exception cref="InvalidDataException">Not an HTTP/1.1 answer.</exception>
    public static async Task<UpgradeHead> ReadAsync(Stream connection, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxBytes];
        var length = 0;
        while (true)
        {
            var end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
                return Parse(Encoding.ASCII.GetString(buffer, 0, end), buffer.AsMemory(end + 4, length - end - 4));
            if (length == buffer.Length)
                throw new InvalidDataException("the head of the answer is too long");
            var read = await connection.ReadAsync(buffer.AsMemory(length), cancellationToken);
            if (read == 0)
                throw new InvalidDataException("the connection ended within the head of the answer");
            length += read;
        }
    }

    private static UpgradeHead Parse(string head, ReadOnlyMemory<byte> rest)
    {
        var lines = head.Split("\r\n");
        var status = lines[0].Split(' ', 3);
        if (status.Length < 2 || !status[0].StartsWith("HTTP/1.", StringComparison.Ordinal) || !int.TryParse(status[1], NumberStyles.None, CultureInfo.InvariantCulture, out var code))
            throw new InvalidDataException("the answer is not HTTP/1.1");
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in lines.AsSpan(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
                headers[line[..colon].Trim()] = line[(colon + 1)..].Trim();
        }
        return new UpgradeHead(code, headers, rest);
    }
}
