using ControlPlane.Api.Server.Errors;

namespace ControlPlane.Api.Server.Negotiation;

/// <summary>What of an object goes out.</summary>
internal enum OutputShape
{
    /// <summary>All of it.</summary>
    Object,

    /// <summary>Its metadata.</summary>
    Metadata,

    /// <summary>A row of a table.</summary>
    Table,
}

/// <summary>How text is encoded.</summary>
internal enum OutputEncoding
{
    Json,

    /// <summary>JSON with line breaks, for people.</summary>
    PrettyJson,
    Yaml,
}

/// <summary>The form in which a client wants an answer.</summary>
/// <param name="Shape">What goes out.</param>
/// <param name="Encoding">How it is written.</param>
/// <param name="TableVersion">v1 or v1beta1, for tables.</param>
internal sealed record OutputForm(OutputShape Shape, OutputEncoding Encoding, string TableVersion = "v1")
{
    public static OutputForm Json { get; } = new(OutputShape.Object, OutputEncoding.Json);

    public static OutputForm Pretty { get; } = new(OutputShape.Object, OutputEncoding.PrettyJson);

    public static OutputForm Yaml { get; } = new(OutputShape.Object, OutputEncoding.Yaml);

    public string ContentType => Encoding == OutputEncoding.Yaml ? "application/yaml" : "application/json";

    /// <summary>Picks the first acceptable form for one object.</summary>
    public static OutputForm ForObject(HttpRequest request) => Negotiate(request, "PartialObjectMetadata", allowTable: true);

    /// <summary>Picks the first acceptable form for a list.</summary>
    public static OutputForm ForList(HttpRequest request) => Negotiate(request, "PartialObjectMetadataList", allowTable: true);

    /// <summary>Picks a form for what has no other shapes, such as a Status or a review.</summary>
    public static OutputForm Plain(HttpRequest request) => Negotiate(request, null, allowTable: false);

    private static OutputForm Negotiate(HttpRequest request, string? metadataKind, bool allowTable)
    {
        var accept = request.Headers.Accept.ToString();
        foreach (var clause in AcceptClause.Parse(accept))
        {
            var yaml = clause.MediaType is "application/yaml";
            if (!clause.IsJson && !yaml)
                continue;
            if (clause.As is null || (metadataKind is null && !allowTable))
                return yaml ? Yaml : IsForPeople(request) ? Pretty : Json;
            if (clause.As == "Table" && allowTable && !yaml && clause.Group == "meta.k8s.io" && clause.Version is "v1" or "v1beta1")
                return new OutputForm(OutputShape.Table, OutputEncoding.Json, clause.Version);
            if (clause.As == metadataKind && clause.Group == "meta.k8s.io" && clause.Version == "v1")
                return new OutputForm(OutputShape.Metadata, yaml ? OutputEncoding.Yaml : OutputEncoding.Json);
        }
        throw ApiErrors.NotAcceptable(
            "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/json;stream=watch");
    }

    private static bool IsForPeople(HttpRequest request)
    {
        if (request.Query["pretty"].ToString() is { Length: > 0 } pretty)
            return pretty is "true" or "1";
        var agent = request.Headers.UserAgent.ToString();
        return agent.StartsWith("curl", StringComparison.Ordinal) || agent.StartsWith("Wget", StringComparison.Ordinal) ||
            agent.StartsWith("Mozilla/5.0", StringComparison.Ordinal);
    }
}
