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
