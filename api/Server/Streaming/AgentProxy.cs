using System.Buffers;
using System.Net.Http.Headers;
using System.Net.Security;
using ControlPlane.Api.Server.Errors;
using ControlPlane.Api.Server.Hosting;
using Microsoft.AspNetCore.Http.Features;

namespace ControlPlane.Api.Server.Streaming;

/// <summary>
/// Joins a client's request with a node agent's answer. The caller's credentials stay here, redirects are not followed, and a connection becomes a
/// tunnel only after the agent has agreed to the upgrade: anything else it says is an ordinary answer on a connection that is then closed.
/// </summary>
internal sealed class AgentProxy(AgentDialer dialer, ServerLifetime lifetime)
{
    private const int MaxErrorBytes = 64 * 1024;
    private const int BufferBytes = 32 * 1024;
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(10);
    private static readonly string[] Forwarded =
        ["Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions", "X-Stream-Protocol-Version"];
    private static readonly string[] Answered = ["Upgrade", "Sec-WebSocket-Accept", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions", "X-Stream-Protocol-Version"];

    /// <summary>Copies an answer as it comes, e.g. a log that is followed.</summary>
    public async Task CopyAsync(HttpContext context, AgentAddress address, string target)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.WatchesEnd);
        await using var agent = await DialAsync(address, ends.Token);
        await UpgradeHead.WriteRequestAsync(agent, "GET", target, address, [], ends.Token);
        var head = await ReadHeadAsync(agent, ends.Token);
        if (head.Code != 200)
        {
            await PassErrorAsync(context, head, agent, ends.Token);
            return;
        }
        context.Response.ContentType = head.Header("Content-Type") ?? "text/plain";
        await context.Response.StartAsync(ends.Token);
        await CopyFlushedAsync(head.Body(agent), context.Response.Body, ends.Token);
    }

    /// <summary>Tunnels an upgraded connection until either side ends it.</summary>
    public async Task TunnelAsync(HttpContext context, AgentAddress address, string target)
    {
        if (context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } upgrade)
            throw ApiErrors.BadRequest("Upgrade request required");
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.WatchesEnd);
        await using var agent = await DialAsync(address, ends.Token);
        var headers = Forwarded.Where(h => context.Request.Headers.ContainsKey(h)).Select(h => KeyValuePair.Create(h, Forwardable(context, h)));
        await UpgradeHead.WriteRequestAsync(agent, context.Request.Method, target, address, headers, ends.Token);
        var head = await ReadHeadAsync(agent, ends.Token);
        if (head.Code != 101 || !IsSameUpgrade(context, head))
        {
            context.Response.Headers.Connection = "close";
            await PassErrorAsync(context, head, agent, ends.Token);
            return;
        }
        foreach (var name in Answered)
        {
            if (head.Header(name) is { } value)
                context.Response.Headers[name] = value;
        }
        await using var client = await upgrade.UpgradeAsync();
        await JoinAsync(client, head.Rest, agent, ends);
    }

    private async Task<SslStream> DialAsync(AgentAddress address, CancellationToken cancellationToken)
    {
        try
        {
            return await dialer.ConnectAsync(address, cancellationToken);
        }
        catch (IOException error)
        {
            throw ApiErrors.BadGateway(error.Message);
        }
    }

    private static async Task<UpgradeHead> ReadHeadAsync(SslStream agent, CancellationToken cancellationToken)
    {
        try
        {
            return await UpgradeHead.ReadAsync(agent, cancellationToken);
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            throw ApiErrors.BadGateway("the node's agent gave no answer: " + error.Message);
        }
    }

    /// <summary>A WebSocket's bearer subprotocol is a credential of the caller.</summary>
    private static string Forwardable(HttpContext context, string header)
    {
        var value = context.Request.Headers[header].ToString();
        return header != "Sec-WebSocket-Protocol" ? value : string.Join(", ", value.Split(',', StringSplitOptions.TrimEntries)
            .Where(p => !p.StartsWith("base64url.bearer.authorization.k8s.io.", StringComparison.Ordinal)));
    }

    private static bool IsSameUpgrade(HttpContext context, UpgradeHead head) =>
        string.Equals(head.Header("Upgrade"), context.Request.Headers.Upgrade.ToString(), StringComparison.OrdinalIgnoreCase);

    private static async Task PassErrorAsync(HttpContext context, UpgradeHead head, SslStream agent, CancellationToken cancellationToken)
    {
        if (head.Code is < 400 or > 599)
            throw ApiErrors.BadGateway($"the node's agent answered with an unexpected {head.Code}");
        var body = new MemoryStream();
        var buffer = new byte[4096];
        await using var source = head.Body(agent);
        int read;
        while (body.Length < MaxErrorBytes && (read = await source.ReadAsync(buffer, cancellationToken)) > 0)
            body.Write(buffer, 0, read);
        var text = System.Text.Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)body.Length).Trim();
        if (head.Header("Content-Type") is { } type && MediaTypeHeaderValue.TryParse(type, out var media) && media.MediaType == "application/json")
            await Requests.Responses.WriteAsync(context, head.Code, "application/json", System.Text.Encoding.UTF8.GetBytes(text), newline: true);
        else
            throw ApiErrors.Make(head.Code, head.Code == 404 ? Meta.StatusReason.NotFound : head.Code < 500 ? Meta.StatusReason.BadRequest : Meta.StatusReason.InternalError, text, new());
    }

    private static async Task JoinAsync(Stream client, ReadOnlyMemory<byte> early, SslStream agent, CancellationTokenSource ends)
    {
        var toClient = ToClientAsync(client, early, agent, ends.Token);
        var toAgent = ToAgentAsync(client, agent, ends.Token);
        if (await Task.WhenAny(toClient, toAgent) == toAgent)
        {
            // The client has said all it will; the agent may still have an answer.
            await toClient.WaitAsync(LastWords, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        await ends.CancelAsync();
        await Task.WhenAll(toClient, toAgent);
    }

    private static async Task ToClientAsync(Stream client, ReadOnlyMemory<byte> early, SslStream agent, CancellationToken cancellationToken)
    {
        try
        {
            await client.WriteAsync(early, cancellationToken);
            await CopyFlushedAsync(agent, client, cancellationToken);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            // Either side is gone; the tunnel ends with it.
        }
    }

    private static async Task ToAgentAsync(Stream client, SslStream agent, CancellationToken cancellationToken)
    {
        try
        {
            await CopyFlushedAsync(client, agent, cancellationToken);
            await agent.ShutdownAsync();
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            // As above.
        }
    }

    private static async Task CopyFlushedAsync(Stream from, Stream to, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            int read;
            while ((read = await from.ReadAsync(buffer, cancellationToken)) > 0)
            {
                await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                await to.FlushAsync(cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
