using ControlPlane.Api.Server.Authorization;

namespace ControlPlane.Api.Server.Requests.Filters;

/// <summary>Lets through what the user may do.</summary>
internal sealed class AuthorizationFilter(RequestDelegate next, IAuthorizer authorizer)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = ApiRequest.Of(context);
        var attributes = AuthorizationAttributes.Of(request.Info);
        var decision = authorizer.Decide(request.User, attributes);
        return decision.Allowed ? next(context) : throw ForbiddenError.For(request.User, attributes, decision.Reason);
    }
}
