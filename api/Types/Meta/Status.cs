using System.Text.Json.Serialization;

namespace ControlPlane.Api.Meta;

/// <summary>The body of every error, and of some successes: what happened, for people and for programs.</summary>
public sealed record Status
{
    /// <summary>Always v1.</summary>
    [JsonPropertyOrder(-3)]
    public string ApiVersion { get; init; } = "v1";

    /// <summary>Always Status.</summary>
    [JsonPropertyOrder(-4)]
    public string Kind { get; init; } = "Status";

    /// <summary>List metadata; empty, or a continue token with 410.</summary>
    [JsonPropertyOrder(-2)]
    public ListMeta Metadata { get; init; } = new();

    /// <summary>Success or Failure.</summary>
    [JsonPropertyName("status")]
    public string? Outcome { get; init; }

    /// <summary>A sentence for people.</summary>
    public string? Message { get; init; }

    /// <summary>One word for programs, e.g. NotFound; see <see cref="StatusReason"/>.</summary>
    public string? Reason { get; init; }

    /// <summary>What it is about.</summary>
    public StatusDetails? Details { get; init; }

    /// <summary>HTTP status code.</summary>
    public int? Code { get; init; }
}

/// <summary>What an error is about.</summary>
public sealed record StatusDetails
{
    /// <summary>Name of the object.</summary>
    public string? Name { get; init; }

    /// <summary>Its group.</summary>
    public string? Group { get; init; }

    /// <summary>Its resource or kind, depending on the reason.</summary>
    public string? Kind { get; init; }

    /// <summary>Its UID.</summary>
    public string? Uid { get; init; }

    /// <summary>One per offending field or fact.</summary>
    public IReadOnlyList<StatusCause> Causes { get; init; } = [];

    /// <summary>Seconds after which trying again makes sense.</summary>
    public int? RetryAfterSeconds { get; init; }
}

/// <summary>One cause of an error.</summary>
public sealed record StatusCause
{
    /// <summary>One word for programs, e.g. FieldValueInvalid.</summary>
    public string? Reason { get; init; }

    /// <summary>A sentence for people.</summary>
    public string? Message { get; init; }

    /// <summary>Path of the field, e.g. spec.ports[0].port.</summary>
    public string? Field { get; init; }
}

/// <summary>Values of <see cref="Status.Reason"/>.</summary>
public static class StatusReason
{
    public const string Unauthorized = "Unauthorized";
    public const string Forbidden = "Forbidden";
    public const string NotFound = "NotFound";
    public const string AlreadyExists = "AlreadyExists";
    public const string Conflict = "Conflict";
    public const string Gone = "Gone";
    public const string Invalid = "Invalid";
    public const string ServerTimeout = "ServerTimeout";
    public const string Timeout = "Timeout";
    public const string TooManyRequests = "TooManyRequests";
    public const string BadRequest = "BadRequest";
    public const string MethodNotAllowed = "MethodNotAllowed";
    public const string NotAcceptable = "NotAcceptable";
    public const string RequestEntityTooLarge = "RequestEntityTooLarge";
    public const string UnsupportedMediaType = "UnsupportedMediaType";
    public const string InternalError = "InternalError";
    public const string Expired = "Expired";
    public const string ServiceUnavailable = "ServiceUnavailable";
}
