using ControlPlane.Api.Server.Discovery;
using ControlPlane.Api.Server.Health;
using ControlPlane.Api.Server.OpenApi;
using ControlPlane.Api.Server.Rest;
using ControlPlane.Api.Server.Telemetry;

namespace ControlPlane.Api.Server.Requests;

/// <summary>The end of the pipeline: resources, and the few documents beside them.</summary>
internal sealed class RequestHandler(ResourceRouter resources, DiscoveryHandler discovery, OpenApiHandler openApi, HealthHandler health, MetricsPage metrics)
{
    public Task InvokeAsync(HttpContext context)
    {
        var info = ApiRequest.Of(context).Info;
        return info.IsResource ? resources.HandleAsync(context) : DocumentAsync(context, info.Path);
    }

    private async Task DocumentAsync(HttpContext context, string path)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
            throw Errors.ApiErrors.MethodNotAllowed();
        if (path == "/version")
        {
            await Responses.WriteJsonAsync(context, 200, VersionDocument.Current.Json);
            return;
        }
        if (path == "/metrics")
        {
            await Responses.WriteAsync(context, 200, "text/plain; version=0.0.4; charset=utf-8", System.Text.Encoding.UTF8.GetBytes(metrics.Write()), newline: false);
            return;
        }
        if (await health.TryHandleAsync(context, path) || await discovery.TryHandleAsync(context, path) || await openApi.TryHandleAsync(context, path))
            return;
        await ResourceRouter.NotFoundAsync(context);
    }
}
