using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;

namespace ControlPlane.Api.Storage.Etcd.Transport;

/// <summary>
/// gRPC over HTTP/2: each message is preceded by a 0 byte (not compressed) and its length as big-endian u32; the outcome is in the trailers
/// <c>grpc-status</c> and <c>grpc-message</c>, or in the headers when there is no message at all.
/// </summary>
internal static class GrpcWire
{
    private const int PrefixLength = 5;
    private static readonly MediaTypeHeaderValue ContentType = new("application/grpc");

    public static byte[] Frame(IMessage message)
    {
        int length = message.CalculateSize();
        var bytes = new byte[PrefixLength + length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(1), (uint)length);
        message.WriteTo(bytes.AsSpan(PrefixLength));
        return bytes;
    }

    public static HttpRequestMessage Request(Uri endpoint, string path, HttpContent content)
    {
        content.Headers.ContentType = ContentType;
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(endpoint, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        // A member that lost its leader refuses at once instead of letting the call hang.
        request.Headers.Add("hasleader", "true");

        return request;
    }

    /// <summary>The next message, or null at the end of the stream.</summary>
    public static async ValueTask<TMessage?> ReadAsync<TMessage>(Stream stream, MessageParser<TMessage> parser, CancellationToken cancellationToken)
        where TMessage : class, IMessage<TMessage>
    {
        var prefix = new byte[PrefixLength];
        int read = await stream.ReadAtLeastAsync(prefix, PrefixLength, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        if (read == 0)
        {
            return null;
        }

        if (read < PrefixLength || prefix[0] != 0)
        {
            throw new GrpcException(GrpcStatus.Internal, "The server sent a message that is cut off or compressed.");
        }

        var body = new byte[BinaryPrimitives.ReadUInt32BigEndian(prefix.AsSpan(1))];
        await stream.ReadExactlyAsync(body, cancellationToken).ConfigureAwait(false);
        return parser.ParseFrom(body);
    }

    /// <summary>Throws unless the call ended with OK. The body has been read to its end.</summary>
    public static void ThrowUnlessOk(HttpResponseMessage response)
    {
        if (Value(response, "grpc-status") is not { } status)
        {
            throw new GrpcException(GrpcStatus.Unavailable, $"The server answered HTTP {(int)response.StatusCode} without a gRPC status.");
        }

        if (status != "0")
        {
            string message = Uri.UnescapeDataString(Value(response, "grpc-message") ?? "");
            throw new GrpcException(int.TryParse(status, out int code) ? (GrpcStatus)code : GrpcStatus.Unknown, message);
        }
    }

    private static string? Value(HttpResponseMessage response, string name) =>
        response.TrailingHeaders.TryGetValues(name, out IEnumerable<string>? trailing) ? trailing.First()
        : response.Headers.TryGetValues(name, out IEnumerable<string>? leading) ? leading.First()
        : null;
}
