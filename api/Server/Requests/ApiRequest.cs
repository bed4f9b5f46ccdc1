using ControlPlane.Api.Server.Authentication;

namespace ControlPlane.Api.Server.Requests;

/// <summary>What the filters found out about a request, for those after them.</summary>
internal sealed class ApiRequest
{
    private List<string>? _warnings;

    public required string AuditId { get; init; }
    public required long StartedAt { get; init; }
    public RequestInfo Info { get; set; } = new() { Verb = "", Path = "" };
    public UserInfo User { get; set; } = UserInfo.Anonymous;

    /// <summary>Set when <see cref="User"/> was impersonated: who really asked.</summary>
    public UserInfo? RealUser { get; set; }

    /// <summary>Cancelled when the client is gone or the request's deadline has passed.</summary>
    public CancellationToken Aborted { get; set; }

    public IReadOnlyList<string> Warnings => _warnings ?? [];

    /// <summary>Adds a sentence for the user to the answer; a repeated one is kept once.</summary>
    public void Warn(string text)
    {
        _warnings ??= [];
        if (!_warnings.Contains(text))
            _warnings.Add(text);
    }

    public static ApiRequest Of(HttpContext context) =>
        context.Features.Get<ApiRequest>() ?? throw new InvalidOperationException("The request has not passed the audit filter.");
}
