using System.Net;
using ControlPlane.Api.Meta;

namespace ControlPlane.Api.Client;

/// <summary>The server answered with an error.</summary>
public sealed class ApiException : Exception
{
    /// <summary>From the answer's Status.</summary>
    public ApiException(Status status, TimeSpan? retryAfter = null)
        : base(status.Message ?? status.Reason ?? $"HTTP {status.Code}")
    {
        Status = status;
        RetryAfter = retryAfter ?? (status.Details?.RetryAfterSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
    }

    /// <summary>What the server said.</summary>
    public Status Status { get; }

    /// <summary>HTTP status code.</summary>
    public HttpStatusCode Code => (HttpStatusCode)(Status.Code ?? 0);

    /// <summary>When trying again makes sense, if the server said so.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>The object, or the kind, does not exist.</summary>
    public bool IsNotFound => Code == HttpStatusCode.NotFound;

    /// <summary>The name is taken.</summary>
    public bool IsAlreadyExists => Status.Reason == StatusReason.AlreadyExists;

    /// <summary>The object changed meanwhile, or a precondition does not hold, or another manager owns a field.</summary>
    public bool IsConflict => Code == HttpStatusCode.Conflict && !IsAlreadyExists;

    /// <summary>The version asked for is no longer kept: list again.</summary>
    public bool IsExpired => Code == HttpStatusCode.Gone || Status.Reason is StatusReason.Expired or StatusReason.Gone;

    /// <summary>The object breaks a rule of its kind; <see cref="StatusDetails.Causes"/> name the fields.</summary>
    public bool IsInvalid => Code == HttpStatusCode.UnprocessableEntity;

    /// <summary>Not allowed to this user, or by admission.</summary>
    public bool IsForbidden => Code == HttpStatusCode.Forbidden;

    /// <summary>No or wrong credentials.</summary>
    public bool IsUnauthorized => Code == HttpStatusCode.Unauthorized;

    /// <summary>The namespace is being deleted, so nothing can be created in it.</summary>
    public bool IsNamespaceTerminating => Status.Details?.Causes.Any(static c => c.Reason == "NamespaceTerminating") == true;

    /// <summary>The server's trouble rather than the request's: the same request may succeed later.</summary>
    public bool IsTransient => Code == HttpStatusCode.TooManyRequests || (int)Code >= 500;
}
