using System.Net;
using ControlPlane.Api.Client;
using ControlPlane.Controllers.Caching;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace ControlPlane.Controllers.Hosting;

/// <summary>
/// <c>/healthz</c>: the loops run. <c>/readyz</c>: the caches are complete. <c>/metrics</c>. Loopback only, since it asks nobody who they are.
/// </summary>
internal sealed class HealthEndpoint(string listen, LoopGroup loops, CacheRegistry caches)
{
    private readonly IPEndPoint _address = Parse(listen);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var metrics = new MetricsCollector();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options => options.Listen(_address));
        var app = builder.Build();
        await using (app.ConfigureAwait(false))
        {
            app.Run(context => AnswerAsync(context, metrics));
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
        }
    }

    private Task AnswerAsync(HttpContext context, MetricsCollector metrics) => context.Request.Path.Value switch
    {
        "/healthz" or "/livez" => WriteAsync(context, !loops.Failed.IsFaulted, "ok"),
        "/readyz" => WriteAsync(context, caches.AreSynced, "ok"),
        "/metrics" => WriteAsync(context, true, metrics.Write()),
        _ => NotFoundAsync(context),
    };

    private static Task WriteAsync(HttpContext context, bool isWell, string text)
    {
        context.Response.StatusCode = isWell ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        return context.Response.WriteAsync(isWell ? text : "not ok", context.RequestAborted);
    }

    private static Task NotFoundAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private static IPEndPoint Parse(string listen) =>
        IPEndPoint.TryParse(listen, out var address) && address.Port > 0 && IPAddress.IsLoopback(address.Address)
            ? address
            : throw new ClientConfigException($"--listen={listen} is no loopback address with a port, e.g. 127.0.0.1:10257.");
}
