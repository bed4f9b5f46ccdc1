namespace ControlPlane.Api.Client;

/// <summary>What to list.</summary>
public sealed record ListOptions
{
    /// <summary>Everything, everywhere.</summary>
    public static ListOptions All { get; } = new();

    /// <summary>Only this namespace; empty = all.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Only objects with such labels, e.g. <c>app=web,tier in (a,b)</c>.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Only objects with such fields, e.g. <c>spec.nodeName=n1</c>.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Objects per page; unset = all in one.</summary>
    public int? Limit { get; init; }

    /// <summary>Token of the page before.</summary>
    public string? Continue { get; init; }

    /// <summary>Unset = the newest state. <c>0</c> = any, even an older one, which may be cheaper.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>NotOlderThan or Exact.</summary>
    public string? ResourceVersionMatch { get; init; }

    internal IReadOnlyList<KeyValuePair<string, string>> ToQuery()
    {
        var query = new QueryBuilder();
        query.Add("labelSelector", LabelSelector);
        query.Add("fieldSelector", FieldSelector);
        query.Add("limit", Limit);
        query.Add("continue", Continue);
        query.Add("resourceVersion", ResourceVersion);
        query.Add("resourceVersionMatch", ResourceVersionMatch);
        return query.Parameters;
    }
}
