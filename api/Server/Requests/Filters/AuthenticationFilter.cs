using ControlPlane.Api.Server.Authentication;
using ControlPlane.Api.Server.Errors;

namespace ControlPlane.Api.Server.Requests.Filters;

/// <summary>Finds out who asks. Without credentials one is anonymous, which is enough to ask for health and version.</summary>
internal sealed class AuthenticationFilter(RequestDelegate next, IReadOnlyList<IAuthenticator> authenticators)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = ApiRequest.Of(context);
        foreach (var authenticator in authenticators)
        {
            if (authenticator.Authenticate(context) is { } user)
            {
                request.User = user;
                break;
            }
        }
        // Nobody further in needs the credentials, and what is proxied must not carry them.
        context.Request.Headers.Remove("Authorization");
        if (request.User.IsAnonymous && !IsPublic(request.Info.Path))
        {
            if (HttpProtocol.IsHttp11(context.Request.Protocol))
                context.Response.Headers.Connection = "close";
            throw ApiErrors.Unauthorized();
        }
        return next(context);
    }

    private static bool IsPublic(string path) =>
        path is "/version" or "/livez" or "/readyz" or "/healthz" || path.StartsWith("/livez/", StringComparison.Ordinal)
        || path.StartsWith("/readyz/", StringComparison.Ordinal) || path.StartsWith("/healthz/", StringComparison.Ordinal);
}
