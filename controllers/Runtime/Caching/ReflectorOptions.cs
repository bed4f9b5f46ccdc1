using ControlPlane.Controllers.Queueing;

namespace ControlPlane.Controllers.Caching;

/// <summary>What a reflector mirrors, and its patience.</summary>
public sealed record ReflectorOptions
{
    /// <summary>Only this namespace; empty = all.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Only objects with such labels.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Only objects with such fields.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Objects per page of a list.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>A watch that is silent for so long, without even a bookmark, is taken for dead.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(150);

    /// <summary>The server is asked to end each watch after this time and up to twice as long.</summary>
    public TimeSpan WatchFor { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Delays while the server is away.</summary>
    public Backoff Reconnect { get; init; } = Backoff.Reconnect;

    /// <summary>Delays while the server refuses.</summary>
    public Backoff Refused { get; init; } = new(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(30));
}
