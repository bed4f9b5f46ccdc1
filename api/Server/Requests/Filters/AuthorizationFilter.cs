using ControlPlane.Api.Server.Authorization;
using ControlPlane.Api.Server.Errors;

namespace ControlPlane.Api.Server.Requests.Filters;

/// <summary>Lets through what the user may do.</summary>
internal sealed class AuthorizationFilter(RequestDelegate next, IAuthorizer authorizer)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = ApiRequest.Of(context);
        var decision = authorizer.Decide(request.User, AuthorizationAttributes.Of(request.Info));
        return decision.Allowed ? next(context) : throw Forbidden(request, decision.Reason);
    }

    private static ApiException Forbidden(ApiRequest request, string reason)
    {
        var info = request.Info;
        var user = request.User.Name;
        var because = reason.Length == 0 ? "" : ": " + reason;
        if (!info.IsResource)
            return ApiErrors.ForbiddenPath($"User \"{user}\" cannot {info.Verb} path \"{info.Path}\"{because}");
        var resource = info.Subresource.Length == 0 ? info.Resource : info.Resource + "/" + info.Subresource;
        var where = info.Namespace.Length > 0 ? $"in the namespace \"{info.Namespace}\"" : "at the cluster scope";
        return ApiErrors.ForbiddenResource(info.Group, info.Resource, info.Name,
            $"User \"{user}\" cannot {info.Verb} resource \"{resource}\" in API group \"{info.Group}\" {where}{because}");
    }
}
