namespace ControlPlane.Api.Server.Authentication;

/// <summary>One way of proving who one is.</summary>
internal interface IAuthenticator
{
    /// <summary>Who it is; null when the request has no credentials of this kind.</summary>
    /// <exception cref="Errors.ApiException">It has, and they are not valid.</exception>
    UserInfo? Authenticate(HttpContext context);
}
