using System.Buffers;
using System.IO.Pipelines;
using ControlPlane.Api.Server.Errors;

namespace ControlPlane.Api.Server.Requests;

/// <summary>Reads request bodies, up to a limit.</summary>
internal static class BodyReader
{
    /// <summary>The largest body, in bytes.</summary>
    public const int MaxBytes = 3 * 1024 * 1024;

    public static ApiException TooLarge() => ApiErrors.TooLarge($"limit is {MaxBytes}");

    public static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(HttpContext context, CancellationToken cancellationToken)
    {
        if (context.Request.ContentLength > MaxBytes)
            throw TooLarge();
        var reader = context.Request.BodyReader;
        while (true)
        {
            var result = await ReadAsync(reader, cancellationToken);
            if (result.Buffer.Length > MaxBytes)
                throw TooLarge();
            if (result.IsCompleted)
            {
                var body = result.Buffer.ToArray();
                reader.AdvanceTo(result.Buffer.End);
                return body;
            }
            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private static async ValueTask<ReadResult> ReadAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadAsync(cancellationToken);
        }
        catch (IOException e) when (e is not BadHttpRequestException)
        {
            // RequestAborted tells the same, but only some time later.
            throw new ClientGoneException(e);
        }
    }

    /// <summary>The media type without parameters, lower case; empty when the client names none.</summary>
    public static string MediaType(HttpRequest request)
    {
        var type = request.ContentType ?? "";
        var semicolon = type.IndexOf(';', StringComparison.Ordinal);
        return (semicolon < 0 ? type : type[..semicolon]).Trim().ToLowerInvariant();
    }
}
