namespace ControlPlane.Api.Server.Requests.Filters;

/// <summary>Gives every request an id, or takes the client's, and says it in the answer.</summary>
internal sealed class AuditIdFilter(RequestDelegate next, TimeProvider time)
{
    private const string Header = "Audit-Id";

    public Task InvokeAsync(HttpContext context)
    {
        var given = context.Request.Headers[Header].ToString();
        var id = given.Length is > 0 and <= 64 && given.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') ? given : Guid.NewGuid().ToString();
        context.Features.Set(new ApiRequest { AuditId = id, StartedAt = time.GetTimestamp(), Aborted = context.RequestAborted });
        context.Response.Headers[Header] = id;
        context.Response.Headers.CacheControl = "no-cache, private";
        return next(context);
    }
}
