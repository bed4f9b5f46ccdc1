namespace ControlPlane.Api.Server.Authentication;

/// <summary>Who makes a request.</summary>
internal sealed record UserInfo(string Name, IReadOnlyList<string> Groups)
{
    public const string AuthenticatedGroup = "system:authenticated";
    public const string UnauthenticatedGroup = "system:unauthenticated";
    public const string MastersGroup = "system:masters";

    public static UserInfo Anonymous { get; } = new("system:anonymous", [UnauthenticatedGroup]);

    public string? Uid { get; init; }

    public IReadOnlyDictionary<string, IReadOnlyList<string>> Extra { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    public bool IsAnonymous => Groups.Contains(UnauthenticatedGroup);

    public bool IsMaster => Groups.Contains(MastersGroup);

    /// <summary>With the group that everybody has who is somebody.</summary>
    public UserInfo Authenticated() => Groups.Contains(AuthenticatedGroup) ? this : this with { Groups = [.. Groups, AuthenticatedGroup] };
}
