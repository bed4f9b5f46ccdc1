using ControlPlane.Api.Machinery.Selection;
using ControlPlane.Api.Server.Errors;
using Microsoft.AspNetCore.Http.Features;

namespace ControlPlane.Api.Server.Requests;

/// <summary>
/// Reads method and path:
/// <code>
/// /api/VERSION/[namespaces/NS/]RESOURCE[/NAME[/SUBRESOURCE]]
/// /apis/GROUP/VERSION/[namespaces/NS/]RESOURCE[/NAME[/SUBRESOURCE]]
/// </code>
/// Segments are decoded one by one from the raw target, so an encoded slash can never make a segment of its own.
/// </summary>
internal static class RequestInfoParser
{
    public static RequestInfo Parse(HttpContext context)
    {
        var request = context.Request;
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? request.Path.Value ?? "/";
        var query = target.IndexOf('?', StringComparison.Ordinal);
        var path = query < 0 ? target : target[..query];
        var segments = Decode(path);
        var info = segments switch
        {
            ["api", var version, .. var rest] when rest.Length > 0 => Resource("", version, rest, path),
            ["apis", var group, var version, .. var rest] when rest.Length > 0 => Resource(group, version, rest, path),
            _ => null,
        };
        return info is null
            ? new RequestInfo { Verb = request.Method.ToLowerInvariant(), Path = path }
            : info with { Verb = VerbOf(request, info), Name = info.Name.Length > 0 ? info.Name : NameInSelector(request, info) };
    }

    private static string[] Decode(string path)
    {
        var segments = path.TrimStart('/').Split('/');
        for (var i = 0; i < segments.Length; i++)
        {
            var decoded = segments[i].Contains('%', StringComparison.Ordinal) ? Uri.UnescapeDataString(segments[i]) : segments[i];
            if (decoded is "." or ".." || decoded.AsSpan().ContainsAny('/', '%', '\0'))
                throw ApiErrors.BadRequest($"the path segment \"{segments[i]}\" cannot name anything");
            segments[i] = decoded;
        }
        return segments is [.., ""] && segments.Length > 1 ? segments[..^1] : segments;
    }

    private static RequestInfo? Resource(string group, string version, string[] rest, string path)
    {
        var info = new RequestInfo { Verb = "", Path = path, IsResource = true, Group = group, Version = version };
        return rest switch
        {
            // A namespace's own subresources are told from the resources in it by name.
            ["namespaces", var name, "status" or "finalize"] when group.Length == 0 =>
                info with { Resource = "namespaces", Name = name, Namespace = name, Subresource = rest[2] },
            ["namespaces", var ns, var resource, .. var tail] when tail.Length <= 2 =>
                info with { Namespace = ns, Resource = resource, Name = At(tail, 0), Subresource = At(tail, 1) },
            ["namespaces", var name] when group.Length == 0 => info with { Resource = "namespaces", Name = name, Namespace = name },
            [var resource, .. var tail] when tail.Length <= 2 => info with { Resource = resource, Name = At(tail, 0), Subresource = At(tail, 1) },
            _ => null,
        };
    }

    private static string At(string[] segments, int index) => index < segments.Length ? segments[index] : "";

    private static string VerbOf(HttpRequest request, RequestInfo info) => request.Method switch
    {
        // Streams are asked for by GET over WebSocket and by POST over SPDY; both do something to the pod.
        "GET" when info.Subresource is "exec" or "attach" or "portforward" => "create",
        "GET" or "HEAD" when IsWatch(request) && info.Subresource.Length == 0 => "watch",
        "GET" or "HEAD" => info.Name.Length > 0 ? "get" : "list",
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => info.Name.Length > 0 ? "delete" : "deletecollection",
        _ => request.Method.ToLowerInvariant(),
    };

    private static bool IsWatch(HttpRequest request) => request.Query["watch"].ToString() is "true" or "1" or "True" or "TRUE" or "t";

    /// <summary>A collection read that can only ever see one object is authorized as that object.</summary>
    private static string NameInSelector(HttpRequest request, RequestInfo info)
    {
        if (info.Subresource.Length > 0 || request.Method is not ("GET" or "DELETE") || request.Query["fieldSelector"].ToString() is not { Length: > 0 } text)
            return "";
        try
        {
            return FieldSelector.Parse(text).TryGetExact("metadata.name", out var name) ? name : "";
        }
        catch (SelectorException)
        {
            // The handler reports it; until then the request is for the whole collection.
            return "";
        }
    }
}
