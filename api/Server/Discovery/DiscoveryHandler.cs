using ControlPlane.Api.Server.Definitions;
using ControlPlane.Api.Server.Negotiation;
using ControlPlane.Api.Server.Requests;

namespace ControlPlane.Api.Server.Discovery;

/// <summary>Tells clients which kinds are served.</summary>
internal sealed class DiscoveryHandler(DefinitionRegistry definitions)
{
    private const string AggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    private volatile DiscoveryDocuments? _documents;

    /// <summary>Answers if the path is one of discovery.</summary>
    public async Task<bool> TryHandleAsync(HttpContext context, string path)
    {
        var documents = Documents();
        path = path.TrimEnd('/');
        if (path is "/api" or "/apis" && WantsAggregated(context.Request))
        {
            await WriteAggregatedAsync(context, path == "/api" ? documents.AggregatedCore : documents.AggregatedGroups);
            return true;
        }
        if (documents.Legacy(path) is not { } document)
            return false;
        await Responses.WriteJsonAsync(context, 200, document.Json);
        return true;
    }

    private DiscoveryDocuments Documents()
    {
        var snapshot = definitions.Current;
        var documents = _documents;
        if (documents?.Generation != snapshot.Generation)
            _documents = documents = new DiscoveryDocuments(snapshot);
        return documents;
    }

    /// <summary>The first clause that this server can satisfy decides.</summary>
    private static bool WantsAggregated(HttpRequest request)
    {
        foreach (var clause in AcceptClause.Parse(request.Headers.Accept.ToString()))
        {
            if (clause is { As: "APIGroupDiscoveryList", Group: "apidiscovery.k8s.io", Version: "v2", MediaType: "application/json" })
                return true;
            if (clause.IsJson && clause.As is null)
                return false;
        }
        return false;
    }

    private static Task WriteAggregatedAsync(HttpContext context, Document document)
    {
        var headers = context.Response.Headers;
        var tag = $"\"{document.Hash}\"";
        headers.ETag = tag;
        headers.Vary = "Accept";
        headers.CacheControl = "public";
        if (context.Request.Headers.IfNoneMatch.ToString() == tag)
        {
            context.Response.StatusCode = 304;
            return Task.CompletedTask;
        }
        return Responses.WriteAsync(context, 200, AggregatedType, document.Json, newline: false);
    }
}
