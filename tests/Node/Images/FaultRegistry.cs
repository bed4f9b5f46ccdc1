using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Node.Tests.Images;

/// <summary>
/// A registry in this process that serves one OCI archive's blobs and misbehaves on demand: wants tokens, redirects blobs
/// to another host, cuts connections, lies about digests.
/// </summary>
internal sealed class FaultRegistry : IAsyncDisposable
{
    private readonly Dictionary<string, byte[]> _blobs = [];
    private readonly WebApplication _registry;
    private readonly WebApplication _elsewhere;
    private byte[] _manifest = [];

    public FaultRegistry(Stream archive)
    {
        Load(archive);
        _registry = Build(HandleAsync);
        _elsewhere = Build(HandleElsewhereAsync);
    }

    public string Host => new Uri(_registry.Urls.First()).Authority;

    /// <summary>Cut the connection after this many bytes of a blob, once per blob request.</summary>
    public int? CutAfter { get; set; }

    public bool WantsToken { get; set; }

    public bool RedirectsBlobs { get; set; }

    public bool SwapsManifest { get; set; }

    public List<string> Ranges { get; } = [];

    public List<string> AuthorizationsElsewhere { get; } = [];

    public List<string> TokenRequests { get; } = [];

    public static async Task<FaultRegistry> StartAsync(Stream archive)
    {
        var registry = new FaultRegistry(archive);
        await registry._registry.StartAsync();
        await registry._elsewhere.StartAsync();
        return registry;
    }

    public async ValueTask DisposeAsync()
    {
        await _registry.DisposeAsync();
        await _elsewhere.DisposeAsync();
    }

    private void Load(Stream archive)
    {
        using var tar = new System.Formats.Tar.TarReader(archive);
        string? manifest = null;
        while (tar.GetNextEntry(copyData: true) is { } entry)
        {
            using var content = new MemoryStream();
            entry.DataStream?.CopyTo(content);
            if (entry.Name.EndsWith("index.json", StringComparison.Ordinal))
                manifest = System.Text.Json.Nodes.JsonNode.Parse(content.ToArray())!["manifests"]![0]!["digest"]!.GetValue<string>();
            else
                _blobs["sha256:" + Path.GetFileName(entry.Name)] = content.ToArray();
        }

        _manifest = _blobs[manifest!];
    }

    private static WebApplication Build(RequestDelegate handler)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(handler);
        return app;
    }

    private async Task HandleAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        if (path == "/token")
        {
            TokenRequests.Add(context.Request.QueryString.Value + " " + context.Request.Headers.Authorization);
            await context.Response.WriteAsJsonAsync(new { token = "opensesame" });
        }
        else if (WantsToken && context.Request.Headers.Authorization != "Bearer opensesame")
        {
            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate = $"Bearer realm=\"http://{Host}/token\",service=\"test\",scope=\"repository:a/b:pull,push\"";
        }
        else if (path.Contains("/manifests/", StringComparison.Ordinal))
        {
            var content = SwapsManifest ? [.. _manifest, (byte)'\n'] : _manifest;
            context.Response.ContentType = "application/vnd.oci.image.manifest.v1+json";
            if (context.Request.Method == "GET")
                await context.Response.Body.WriteAsync(content);
        }
        else if (RedirectsBlobs)
        {
            context.Response.Redirect($"{_elsewhere.Urls.First()}/{Path.GetFileName(path)}");
        }
        else
        {
            await SendBlobAsync(context, Path.GetFileName(path));
        }
    }

    private async Task HandleElsewhereAsync(HttpContext context)
    {
        AuthorizationsElsewhere.Add(context.Request.Headers.Authorization.ToString());
        await SendBlobAsync(context, Path.GetFileName(context.Request.Path.Value!));
    }

    private async Task SendBlobAsync(HttpContext context, string digest)
    {
        var content = _blobs[digest].AsMemory();
        var from = 0;
        if (context.Request.GetTypedHeaders().Range is { } range)
        {
            from = (int)range.Ranges.First().From!.Value;
            lock (Ranges)
                Ranges.Add($"{from}/{content.Length}");
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes {from}-{content.Length - 1}/{content.Length}";
        }

        context.Response.ContentLength = content.Length - from;
        var rest = content[from..];
        if (CutAfter is { } cut && rest.Length > cut)
        {
            await context.Response.Body.WriteAsync(rest[..cut]);
            await context.Response.Body.FlushAsync();
            context.Abort();
            return;
        }

        await context.Response.Body.WriteAsync(rest);
    }
}
