using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Schema;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Server.Definitions;
using ControlPlane.Api.Server.Discovery;
using ControlPlane.Api.Server.Requests;

namespace ControlPlane.Api.Server.OpenApi;

/// <summary>One OpenAPI 3 document per version of a group, built when first asked for and kept until the kinds change.</summary>
internal sealed class OpenApiV3Handler(DefinitionRegistry definitions)
{
    private const string Root = "/openapi/v3";
    private volatile Built? _built;

    /// <summary>Answers if the path is one of OpenAPI 3.</summary>
    public async Task<bool> TryHandleAsync(HttpContext context, string path)
    {
        if (!path.StartsWith(Root, StringComparison.Ordinal))
            return false;
        var built = Current();
        if (path.TrimEnd('/') == Root)
        {
            await WriteAsync(context, built.Index, null);
            return true;
        }
        if (path.Length <= Root.Length + 1 || built.Find(path[(Root.Length + 1)..]) is not { } document)
            return false;
        var hash = context.Request.Query["hash"].ToString();
        if (hash.Length > 0 && hash != document.Hash)
        {
            context.Response.StatusCode = 301;
            context.Response.Headers.Location = $"{path}?hash={document.Hash}";
            return true;
        }
        await WriteAsync(context, document, hash.Length > 0 ? "public, immutable" : null);
        return true;
    }

    private static Task WriteAsync(HttpContext context, Document document, string? caching)
    {
        var headers = context.Response.Headers;
        var tag = $"\"{document.Hash}\"";
        headers.ETag = tag;
        headers.Vary = "Accept";
        if (caching is not null)
        {
            headers.CacheControl = caching;
            headers.Expires = DateTimeOffset.UtcNow.AddYears(1).ToString("R", System.Globalization.CultureInfo.InvariantCulture);
        }
        if (context.Request.Headers.IfNoneMatch.ToString() == tag)
        {
            context.Response.StatusCode = 304;
            return Task.CompletedTask;
        }
        return Responses.WriteAsync(context, 200, "application/json", document.Json, newline: false);
    }

    private Built Current()
    {
        var snapshot = definitions.Current;
        var built = _built;
        if (built?.Definitions.Generation != snapshot.Generation)
            _built = built = new Built(snapshot);
        return built;
    }

    /// <summary>The documents of one set of kinds.</summary>
    private sealed class Built(DefinitionSnapshot definitions)
    {
        private readonly ConcurrentDictionary<string, Document> _documents = new();
        private Document? _index;

        public DefinitionSnapshot Definitions => definitions;

        public Document Index => _index ??= MakeIndex();

        public Document? Find(string path) =>
            definitions.GroupVersions.FirstOrDefault(g => g.Path == path) is { } version ? _documents.GetOrAdd(path, _ => Make(version)) : null;

        private Document MakeIndex()
        {
            var paths = new JsonObject();
            foreach (var version in definitions.GroupVersions)
                paths[version.Path] = new JsonObject { ["serverRelativeURL"] = $"{Root}/{version.Path}?hash={Find(version.Path)!.Hash}" };
            return Document.Of(new JsonObject { ["paths"] = paths });
        }

        private static Document Make(GroupVersion version)
        {
            var schemas = new OpenApiSchemas(OpenApiDialect.V3);
            var components = new JsonObject { [OpenApiSchemas.ObjectMeta] = schemas.Of(SchemaFromType.Build<ObjectMeta>()) };
            var paths = new JsonObject();
            foreach (var definition in version.Resources)
            {
                components[OpenApiSchemas.NameOf(definition)] = schemas.OfKind(definition);
                OpenApiPaths.Add(paths, version, definition);
            }
            return Document.Of(new JsonObject
            {
                ["openapi"] = "3.0.0",
                ["info"] = new JsonObject { ["title"] = "ControlPlane", ["version"] = "v1" },
                ["paths"] = paths,
                ["components"] = new JsonObject { ["schemas"] = components },
            });
        }
    }
}
