using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ControlPlane.Agent.Streaming;

/// <summary>An upgraded connection and the stream protocol that was agreed on.</summary>
internal sealed record UpgradedConnection(Stream Transport, string Protocol);

/// <summary>The HTTP side of becoming a SPDY/3.1 connection.</summary>
internal static class Upgrades
{
    private const string SpdyToken = "SPDY/3.1";
    private const string ProtocolHeader = "X-Stream-Protocol-Version";

    /// <summary>How often an idle WebSocket is pinged.</summary>
    public static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    /// <summary>Answers without upgrading.</summary>
    public static async Task RefuseAsync(HttpContext context, int code, string message)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(message, context.RequestAborted);
    }

    /// <summary>
    /// Accepts a WebSocket whose subprotocol has a character that RFC 6455 forbids (the slash in SPDY/3.1), which the framework
    /// therefore refuses to answer with.
    /// </summary>
    public static async Task<WebSocket> ToWebSocketAsync(HttpContext context, string protocol)
    {
        const string HandshakeId = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
        var upgrade = context.Features.GetRequiredFeature<IHttpUpgradeFeature>();
        var key = context.Request.Headers.SecWebSocketKey.ToString();
        var headers = context.Response.Headers;
        headers.Upgrade = "websocket";
        headers.Connection = "Upgrade";
#pragma warning disable CA5350 // RFC 6455 says SHA-1; it protects nothing here.
        headers.SecWebSocketAccept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + HandshakeId)));
#pragma warning restore CA5350
        headers.SecWebSocketProtocol = protocol;
        var transport = await upgrade.UpgradeAsync();
        return WebSocket.CreateFromStream(transport, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = KeepAlive });
    }

    /// <summary>Upgrades to SPDY/3.1, or refuses and returns <c>null</c>.</summary>
    /// <param name="context">The request.</param>
    /// <param name="protocols">Served stream protocols, best first; a client that names none gets the last.</param>
    public static async Task<UpgradedConnection?> ToSpdyAsync(HttpContext context, IReadOnlyList<string> protocols)
    {
        var upgrade = context.Features.Get<IHttpUpgradeFeature>();
        if (upgrade is not { IsUpgradableRequest: true } || !context.Request.Headers.Upgrade.ToString().Equals(SpdyToken, StringComparison.OrdinalIgnoreCase))
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "Upgrade request required: WebSocket or SPDY/3.1");
            return null;
        }

        // Clients send the header once for each version, or one list.
        var offered = context.Request.Headers[ProtocolHeader]
            .SelectMany(static value => (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ToArray();
        var protocol = offered.Length == 0 ? protocols[^1] : protocols.FirstOrDefault(offered.Contains);
        if (protocol is null)
        {
            context.Response.Headers["X-Accepted-Stream-Protocol-Versions"] = protocols.ToArray();
            await RefuseAsync(context, StatusCodes.Status403Forbidden, $"unable to negotiate protocol: client supports [{string.Join(' ', offered)}], server accepts [{string.Join(' ', protocols)}]");
            return null;
        }

        context.Response.Headers.Upgrade = SpdyToken;
        context.Response.Headers.Connection = "Upgrade";
        if (offered.Length > 0)
            context.Response.Headers[ProtocolHeader] = protocol;
        return new UpgradedConnection(await upgrade.UpgradeAsync(), protocol);
    }
}
