using System.Text.Json.Serialization;
using ControlPlane.Api.Meta;

namespace ControlPlane.Api.Authorization.V1;

/// <summary>Asks whether the asker may do something.</summary>
public sealed record SelfSubjectAccessReview : Resource
{
    /// <summary>What it is about.</summary>
    public required SelfSubjectAccessReviewSpec Spec { get; init; }

    /// <summary>The answer.</summary>
    public SubjectAccessReviewStatus? Status { get; init; }
}

/// <summary>Something to do; exactly one of the two.</summary>
public record SelfSubjectAccessReviewSpec
{
    /// <summary>To a resource.</summary>
    public ResourceAttributes? ResourceAttributes { get; init; }

    /// <summary>To a path that is no resource.</summary>
    public NonResourceAttributes? NonResourceAttributes { get; init; }
}

/// <summary>Asks whether somebody may do something, in the review's namespace or anywhere.</summary>
public sealed record SubjectAccessReview : Resource
{
    /// <summary>Who and what.</summary>
    public required SubjectAccessReviewSpec Spec { get; init; }

    /// <summary>The answer.</summary>
    public SubjectAccessReviewStatus? Status { get; init; }
}

/// <summary>Somebody, and something to do.</summary>
public sealed record SubjectAccessReviewSpec : SelfSubjectAccessReviewSpec
{
    /// <summary>User name.</summary>
    public string? User { get; init; }

    /// <summary>Groups.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>UID of the user.</summary>
    public string? Uid { get; init; }

    /// <summary>What authentication said beside.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Extra { get; init; } = Empty.Map<IReadOnlyList<string>>();
}

/// <summary>Something to do to a resource.</summary>
public sealed record ResourceAttributes
{
    /// <summary>Namespace; empty = all, or none for cluster-scoped kinds.</summary>
    public string? Namespace { get; init; }

    /// <summary>Verb; * = all.</summary>
    public string? Verb { get; init; }

    /// <summary>API group; * = all.</summary>
    public string? Group { get; init; }

    /// <summary>API version; * = all.</summary>
    public string? Version { get; init; }

    /// <summary>Resource; * = all.</summary>
    public string? Resource { get; init; }

    /// <summary>Subresource; empty = none.</summary>
    public string? Subresource { get; init; }

    /// <summary>Name; empty = all.</summary>
    public string? Name { get; init; }
}

/// <summary>Something to do to a path.</summary>
public sealed record NonResourceAttributes
{
    /// <summary>Path.</summary>
    public string? Path { get; init; }

    /// <summary>HTTP method, lower case.</summary>
    public string? Verb { get; init; }
}

/// <summary>Whether it may be done.</summary>
public sealed record SubjectAccessReviewStatus
{
    /// <summary>It may.</summary>
    public required bool Allowed { get; init; }

    /// <summary>It was refused outright.</summary>
    public bool? Denied { get; init; }

    /// <summary>Which binding allows it, or why nothing does.</summary>
    public string? Reason { get; init; }

    /// <summary>What went wrong on the way to the answer.</summary>
    public string? EvaluationError { get; init; }
}

/// <summary>Asks what the asker may do in a namespace.</summary>
public sealed record SelfSubjectRulesReview : Resource
{
    /// <summary>Where.</summary>
    public required SelfSubjectRulesReviewSpec Spec { get; init; }

    /// <summary>The answer.</summary>
    public SubjectRulesReviewStatus? Status { get; init; }
}

/// <summary>Where.</summary>
public sealed record SelfSubjectRulesReviewSpec
{
    /// <summary>Namespace.</summary>
    public string? Namespace { get; init; }
}

/// <summary>What may be done.</summary>
public sealed record SubjectRulesReviewStatus
{
    /// <summary>To resources.</summary>
    public IReadOnlyList<ResourceRule> ResourceRules { get; init; } = [];

    /// <summary>To paths.</summary>
    public IReadOnlyList<NonResourceRule> NonResourceRules { get; init; } = [];

    /// <summary>Whether rules may be missing.</summary>
    public required bool Incomplete { get; init; }

    /// <summary>Why they are.</summary>
    public string? EvaluationError { get; init; }
}

/// <summary>Verbs on resources.</summary>
public sealed record ResourceRule
{
    /// <summary>Verbs.</summary>
    public IReadOnlyList<string> Verbs { get; init; } = [];

    /// <summary>API groups.</summary>
    public IReadOnlyList<string> ApiGroups { get; init; } = [];

    /// <summary>Resources.</summary>
    public IReadOnlyList<string> Resources { get; init; } = [];

    /// <summary>Only these names; empty = all.</summary>
    public IReadOnlyList<string> ResourceNames { get; init; } = [];
}

/// <summary>Verbs on paths.</summary>
public sealed record NonResourceRule
{
    /// <summary>Verbs.</summary>
    public IReadOnlyList<string> Verbs { get; init; } = [];

    /// <summary>Paths.</summary>
    [JsonPropertyName("nonResourceURLs")]
    public IReadOnlyList<string> NonResourceUrls { get; init; } = [];
}
