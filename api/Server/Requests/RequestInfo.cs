namespace ControlPlane.Api.Server.Requests;

/// <summary>What a request asks for, as its method and path say; the input of authorization and of the handlers.</summary>
internal sealed record RequestInfo
{
    /// <summary>Lower-case API verb, or the HTTP method for what is no resource.</summary>
    public required string Verb { get; init; }

    /// <summary>Path without query, decoded.</summary>
    public required string Path { get; init; }

    public bool IsResource { get; init; }
    public string Group { get; init; } = "";
    public string Version { get; init; } = "";
    public string Namespace { get; init; } = "";
    public string Resource { get; init; } = "";
    public string Subresource { get; init; } = "";
    public string Name { get; init; } = "";

    /// <summary>Whether the deadline of ordinary requests does not hold.</summary>
    public bool IsLongRunning => Verb == "watch" || Subresource is "log" or "exec" or "attach" or "portforward" or "proxy";

    /// <summary>Whether the request can only read.</summary>
    public bool IsReadOnly => Verb is "get" or "list" or "watch";
}
