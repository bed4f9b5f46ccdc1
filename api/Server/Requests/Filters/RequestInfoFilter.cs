using ControlPlane.Api.Server.Errors;

namespace ControlPlane.Api.Server.Requests.Filters;

/// <summary>Reads what is asked for, and sets the deadline of requests that have one.</summary>
internal sealed class RequestInfoFilter(RequestDelegate next)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    public async Task InvokeAsync(HttpContext context)
    {
        var request = ApiRequest.Of(context);
        request.Info = RequestInfoParser.Parse(context);
        if (request.Info.IsLongRunning)
        {
            await next(context);
            return;
        }
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        deadline.CancelAfter(Allowed(context.Request));
        request.Aborted = deadline.Token;
        await next(context);
    }

    private static TimeSpan Allowed(HttpRequest request)
    {
        var text = request.Query["timeout"].ToString();
        if (text.Length == 0)
            return Longest;
        if (!GoDuration.TryParse(text, out var timeout))
            throw ApiErrors.BadRequest($"invalid timeout specified in the request URL: time: invalid duration \"{text}\"; write for example 30s or 1m30s");
        return timeout <= TimeSpan.Zero || timeout > Longest ? Longest : timeout;
    }
}
