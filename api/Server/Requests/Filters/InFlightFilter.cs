using ControlPlane.Api.Server.Errors;
using ControlPlane.Api.Server.Hosting;
using ControlPlane.Api.Server.Telemetry;

namespace ControlPlane.Api.Server.Requests.Filters;

/// <summary>Bounds how many requests are served at once, reads and writes apart; counts what is served.</summary>
internal sealed class InFlightFilter(RequestDelegate next, InFlightLimits limits, ServerLifetime lifetime, ServerMetrics metrics, TimeProvider time)
{
    private int _reads;
    private int _writes;

    public async Task InvokeAsync(HttpContext context)
    {
        var request = ApiRequest.Of(context);
        if (lifetime.IsDraining)
            throw Refuse(context);
        if (request.Info.IsLongRunning)
        {
            metrics.LongRunning(request.Info, 1);
            try
            {
                await next(context);
            }
            finally
            {
                metrics.LongRunning(request.Info, -1);
                metrics.Request(request.Info, context.Response.StatusCode, 0);
            }
            return;
        }
        var readOnly = request.Info.IsReadOnly || !request.Info.IsResource;
        await ServeAsync(context, request, readOnly);
    }

    private async Task ServeAsync(HttpContext context, ApiRequest request, bool readOnly)
    {
        var served = readOnly ? Interlocked.Increment(ref _reads) : Interlocked.Increment(ref _writes);
        metrics.InFlight(readOnly, 1);
        try
        {
            if (served > (readOnly ? limits.Reads : limits.Writes) && !request.User.IsMaster)
                throw ApiErrors.TooManyRequests(retryAfterSeconds: 1);
            await next(context);
        }
        catch (ApiException error)
        {
            metrics.Request(request.Info, error.Code, time.GetElapsedTime(request.StartedAt).TotalSeconds);
            throw;
        }
        finally
        {
            metrics.InFlight(readOnly, -1);
            if (readOnly)
                Interlocked.Decrement(ref _reads);
            else
                Interlocked.Decrement(ref _writes);
        }
        metrics.Request(request.Info, context.Response.StatusCode, time.GetElapsedTime(request.StartedAt).TotalSeconds);
    }

    private static ApiException Refuse(HttpContext context)
    {
        if (HttpProtocol.IsHttp11(context.Request.Protocol))
            context.Response.Headers.Connection = "close";
        return ApiErrors.TooManyRequests(retryAfterSeconds: 1);
    }
}

/// <summary>How many requests may be served at once.</summary>
internal sealed record InFlightLimits(int Reads, int Writes);
