using ControlPlane.Api.Meta;
using ControlPlane.Api.Schema;

namespace ControlPlane.Api.Authentication.V1;

/// <summary>Asks who the asker is.</summary>
public sealed record SelfSubjectReview : Resource
{
    /// <summary>The answer.</summary>
    public SelfSubjectReviewStatus? Status { get; init; }
}

/// <summary>Who the asker is.</summary>
public sealed record SelfSubjectReviewStatus
{
    /// <summary>The user.</summary>
    public UserInfo? UserInfo { get; init; }
}

/// <summary>Somebody, as authentication found out.</summary>
public sealed record UserInfo
{
    /// <summary>Name.</summary>
    public string? Username { get; init; }

    /// <summary>UID; two users of one name differ in it.</summary>
    public string? Uid { get; init; }

    /// <summary>Groups.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>What authentication said beside.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Extra { get; init; } = Empty.Map<IReadOnlyList<string>>();
}

/// <summary>Asks whose token it is.</summary>
public sealed record TokenReview : Resource
{
    /// <summary>The token.</summary>
    public required TokenReviewSpec Spec { get; init; }

    /// <summary>The answer.</summary>
    public TokenReviewStatus? Status { get; init; }
}

/// <summary>A token.</summary>
public sealed record TokenReviewSpec
{
    /// <summary>The token.</summary>
    public string? Token { get; init; }

    /// <summary>Audiences of the asker; the token must be for one of them. Empty: the API server's.</summary>
    public IReadOnlyList<string> Audiences { get; init; } = [];
}

/// <summary>Whose token it is.</summary>
public sealed record TokenReviewStatus
{
    /// <summary>Whether it is valid.</summary>
    public bool? Authenticated { get; init; }

    /// <summary>Whose it is.</summary>
    public UserInfo? User { get; init; }

    /// <summary>Which of the asked audiences it is for.</summary>
    public IReadOnlyList<string> Audiences { get; init; } = [];

    /// <summary>Why it is not valid.</summary>
    public string? Error { get; init; }
}

/// <summary>Asks for a token of a service account.</summary>
public sealed record TokenRequest : Resource
{
    /// <summary>For whom and for how long.</summary>
    public required TokenRequestSpec Spec { get; init; }

    /// <summary>The token.</summary>
    public TokenRequestStatus? Status { get; init; }
}

/// <summary>For whom and for how long a token is.</summary>
public sealed record TokenRequestSpec
{
    /// <summary>Who takes it. Empty: the API server.</summary>
    public IReadOnlyList<string> Audiences { get; init; } = [];

    /// <summary>Seconds it is valid, at least 600.</summary>
    [Default("3600")]
    public long? ExpirationSeconds { get; init; }

    /// <summary>The token is valid only as long as this object exists.</summary>
    public BoundObjectReference? BoundObjectRef { get; init; }
}

/// <summary>An object that a token is bound to.</summary>
public sealed record BoundObjectReference
{
    /// <summary>Pod, Secret or Node.</summary>
    [Allowed("Pod", "Secret", "Node")]
    public string? Kind { get; init; }

    /// <summary>API version.</summary>
    public string? ApiVersion { get; init; }

    /// <summary>Name.</summary>
    public string? Name { get; init; }

    /// <summary>UID; filled in when it is empty.</summary>
    public string? Uid { get; init; }
}

/// <summary>A token.</summary>
public sealed record TokenRequestStatus
{
    /// <summary>The token.</summary>
    public required string Token { get; init; }

    /// <summary>When it ends.</summary>
    public required DateTimeOffset ExpirationTimestamp { get; init; }
}
