namespace ControlPlane.Api.Client;

/// <summary>What to watch, from where. Bookmarks are always asked for.</summary>
public sealed record WatchOptions
{
    /// <summary>Only this namespace; empty = all.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Only objects with such labels.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Only objects with such fields.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Events after this version. Unset = first an Added for every object that exists.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>Ask for existing objects first, ended by a bookmark with <see cref="WatchEvent{T}.EndsInitialEvents"/>.</summary>
    public bool SendInitialEvents { get; init; }

    /// <summary>When the server is to end the stream; unset = it chooses.</summary>
    public TimeSpan? Timeout { get; init; }

    internal IReadOnlyList<KeyValuePair<string, string>> ToQuery()
    {
        var query = new QueryBuilder();
        query.Add("watch", "true");
        query.Add("allowWatchBookmarks", "true");
        query.Add("labelSelector", LabelSelector);
        query.Add("fieldSelector", FieldSelector);
        query.Add("resourceVersion", ResourceVersion);
        if (SendInitialEvents)
        {
            query.Add("sendInitialEvents", "true");
            query.Add("resourceVersionMatch", "NotOlderThan");
        }
        query.Add("timeoutSeconds", Timeout is { } timeout ? (int)Math.Ceiling(timeout.TotalSeconds) : null);
        return query.Parameters;
    }
}
