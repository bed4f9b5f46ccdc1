using ControlPlane.Api.Server.Authentication;

namespace ControlPlane.Api.Server.Authorization;

/// <summary>Decides whether somebody may do something.</summary>
internal interface IAuthorizer
{
    /// <summary>Allowed, with the reason, or no opinion.</summary>
    AuthorizationDecision Decide(UserInfo user, AuthorizationAttributes attributes);
}

/// <summary>What is to be done.</summary>
internal sealed record AuthorizationAttributes
{
    public required string Verb { get; init; }
    public bool IsResource { get; init; }
    public string Group { get; init; } = "";
    public string Resource { get; init; } = "";
    public string Subresource { get; init; } = "";
    public string Namespace { get; init; } = "";
    public string Name { get; init; } = "";
    public string Path { get; init; } = "";

    public static AuthorizationAttributes Of(Requests.RequestInfo info) => new()
    {
        Verb = info.Verb,
        IsResource = info.IsResource,
        Group = info.Group,
        Resource = info.Resource,
        Subresource = info.Subresource,
        Namespace = info.Namespace,
        Name = info.Name,
        Path = info.Path,
    };
}

/// <summary>A decision and why.</summary>
internal readonly record struct AuthorizationDecision(bool Allowed, string Reason)
{
    public static AuthorizationDecision NoOpinion => new(false, "");

    public static AuthorizationDecision Allow(string reason) => new(true, reason);

    public static AuthorizationDecision Refuse(string reason) => new(false, reason);
}
