using System.Collections.Frozen;
using ControlPlane.Api.Server.Definitions;
using ControlPlane.Api.Server.Errors;
using ControlPlane.Api.Server.Requests;

namespace ControlPlane.Api.Server.Rest;

/// <summary>Finds the kind a request is about and the handler of its verb.</summary>
internal sealed class ResourceRouter(DefinitionRegistry definitions, IReadOnlyDictionary<string, IVerbHandler> handlers)
{
    private readonly FrozenDictionary<string, IVerbHandler> _handlers = handlers.ToFrozenDictionary();

    public Task HandleAsync(HttpContext context)
    {
        var request = ApiRequest.Of(context);
        var info = request.Info;
        if (definitions.Current.Find(info.Group, info.Version, info.Resource) is not { } definition)
            return NotFoundAsync(context);
        // A namespaced object has no path outside its namespace, a cluster-scoped one none inside.
        var isInNamespace = info.Namespace.Length > 0 && info.Resource != "namespaces";
        if (isInNamespace != definition.IsNamespaced && (isInNamespace || info.Name.Length > 0 && info.Verb is not ("list" or "watch") || info.Verb == "create"))
            return NotFoundAsync(context);
        var call = new RestCall(context, request, definition);
        if (info.Subresource.Length > 0)
            return SubresourceAsync(call);
        if (!definition.Verbs.Contains(info.Verb) || !_handlers.TryGetValue(info.Verb, out var handler) || (info.Verb == "create" && info.Name.Length > 0))
            throw ApiErrors.MethodNotAllowed();
        return handler.HandleAsync(call);
    }

    private Task SubresourceAsync(RestCall call)
    {
        if (!call.Definition.Subresources.TryGetValue(call.Subresource, out var subresource))
            return NotFoundAsync(call.Http);
        if (!subresource.Verbs.Contains(call.Info.Verb))
            throw ApiErrors.MethodNotAllowed();
        return subresource.Handler?.HandleAsync(call) ?? _handlers[call.Info.Verb].HandleAsync(call);
    }

    public static Task NotFoundAsync(HttpContext context) => Responses.WriteTextAsync(context, 404, "404 page not found\n");
}
