using ControlPlane.Api.Server.Authentication;
using ControlPlane.Api.Server.Errors;

namespace ControlPlane.Api.Server.Authorization;

/// <summary>The refusal of what somebody may not do.</summary>
internal static class ForbiddenError
{
    public static ApiException For(UserInfo user, AuthorizationAttributes attributes, string reason)
    {
        var because = reason.Length == 0 ? "" : ": " + reason;
        if (!attributes.IsResource)
            return ApiErrors.ForbiddenPath($"User \"{user.Name}\" cannot {attributes.Verb} path \"{attributes.Path}\"{because}");
        var resource = attributes.Subresource.Length == 0 ? attributes.Resource : attributes.Resource + "/" + attributes.Subresource;
        var where = attributes.Namespace.Length > 0 ? $"in the namespace \"{attributes.Namespace}\"" : "at the cluster scope";
        return ApiErrors.ForbiddenResource(attributes.Group, attributes.Resource, attributes.Name,
            $"User \"{user.Name}\" cannot {attributes.Verb} resource \"{resource}\" in API group \"{attributes.Group}\" {where}{because}");
    }
}
