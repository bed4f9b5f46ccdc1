using ControlPlane.Api.Server.Errors;

namespace ControlPlane.Api.Server.Authentication;

/// <summary>A service account's token in the Authorization header, or in a WebSocket's subprotocol where a browser can set no header.</summary>
internal sealed class BearerTokenAuthenticator(ServiceAccountTokens tokens) : IAuthenticator
{
    private const string Scheme = "Bearer ";
    public const string ProtocolPrefix = "base64url.bearer.authorization.k8s.io.";

    public UserInfo? Authenticate(HttpContext context) =>
        TokenOf(context.Request) is { } token ? tokens.Verify(token, []) ?? throw ApiErrors.Unauthorized() : null;

    private static string? TokenOf(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        if (header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return header[Scheme.Length..].Trim();
        var protocol = request.Headers.SecWebSocketProtocol.ToString().Split(',', StringSplitOptions.TrimEntries)
            .FirstOrDefault(p => p.StartsWith(ProtocolPrefix, StringComparison.Ordinal));
        if (protocol is null)
            return null;
        try
        {
            return System.Text.Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(protocol.AsSpan(ProtocolPrefix.Length)));
        }
        catch (FormatException)
        {
            throw ApiErrors.Unauthorized();
        }
    }
}
