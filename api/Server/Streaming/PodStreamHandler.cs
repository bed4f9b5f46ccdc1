using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Server.Definitions;
using ControlPlane.Api.Server.Errors;
using ControlPlane.Api.Server.Registry;
using ControlPlane.Api.Server.Requests;
using ControlPlane.Api.Server.Rest;

namespace ControlPlane.Api.Server.Streaming;

/// <summary>log, exec, attach and portforward: finds the agent of the pod's node and joins the client with it.</summary>
internal sealed class PodStreamHandler(ResourceStore store, DefinitionRegistry definitions, AgentProxy? proxy) : ISubresourceHandler
{
    private const string DefaultContainer = "kubectl.kubernetes.io/default-container";
    private static readonly string[] Streams = ["stdin", "stdout", "stderr"];

    public async Task HandleAsync(RestCall call)
    {
        var stored = await store.GetAsync(call.Definition, call.Namespace, call.Name, call.Aborted) ?? throw ApiErrors.NotFound(call.Definition, call.Name);
        var pod = stored.ToTree();
        var path = PathFor(call, pod);
        var node = pod.GetObject("spec")?.GetString("nodeName");
        if (string.IsNullOrEmpty(node))
            throw ApiErrors.BadRequest($"pod {call.Name} does not have a host assigned");
        var query = call.Http.Request.Query;
        if (call.Subresource is "exec" or "attach" && !Streams.Any(s => ListOptions.ParseFlag(query, s) == true))
            throw ApiErrors.BadRequest("you must specify at least 1 of stdin, stdout, stderr");
        if (proxy is null)
            throw ApiErrors.Unavailable("the server has no certificate to call node agents with: start it with --agent-client-cert, --agent-client-key and --cluster-ca");
        var address = await AddressOfAsync(node, call.Aborted);
        var target = path + QueryWithout(query, "container");
        if (call.Subresource == "log")
            await proxy.CopyAsync(call.Http, address, target);
        else
            await proxy.TunnelAsync(call.Http, address, target);
    }

    private static string PathFor(RestCall call, JsonObject pod)
    {
        var tail = $"{Uri.EscapeDataString(call.Namespace)}/{Uri.EscapeDataString(call.Name)}";
        return call.Subresource switch
        {
            "portforward" => $"/portForward/{tail}",
            "log" => $"/containerLogs/{tail}/{ContainerOf(call, pod)}",
            _ => $"/{call.Subresource}/{tail}/{ContainerOf(call, pod)}",
        };
    }

    private static string ContainerOf(RestCall call, JsonObject pod)
    {
        var spec = pod.GetObject("spec");
        var all = (spec?.GetArray("initContainers") ?? []).Concat(spec?.GetArray("containers") ?? []).OfType<JsonObject>().Select(c => c.GetString("name") ?? "").ToArray();
        var given = call.Http.Request.Query["container"].ToString();
        if (given.Length == 0)
            given = pod.GetObject("metadata")?.GetObject("annotations")?.GetString(DefaultContainer) ?? "";
        if (given.Length == 0)
        {
            var regular = spec?.GetArray("containers")?.OfType<JsonObject>().Select(c => c.GetString("name") ?? "").ToArray() ?? [];
            return regular.Length == 1
                ? regular[0]
                : throw ApiErrors.BadRequest($"a container name must be specified for pod {call.Name}, choose one of: [{string.Join(' ', regular)}]");
        }
        return all.Contains(given) ? given : throw ApiErrors.BadRequest($"container {given} is not valid for pod {call.Name}");
    }

    private async ValueTask<AgentAddress> AddressOfAsync(string name, CancellationToken cancellationToken)
    {
        var definition = definitions.Current.Find("", "v1", "nodes")!;
        var stored = await store.GetAsync(definition, "", name, cancellationToken) ?? throw ApiErrors.NotFound(definition, name);
        var status = stored.ToTree().GetObject("status");
        var addresses = status?.GetArray("addresses")?.OfType<JsonObject>().ToArray() ?? [];
        var host = addresses.FirstOrDefault(a => a.GetString("type") == "InternalIP")?.GetString("address");
        var port = status?.GetObject("daemonEndpoints")?.GetObject("kubeletEndpoint")?["Port"];
        return !string.IsNullOrEmpty(host) && JsonNumbers.TryGetInt64(port, out var number) && number is > 0 and < 65536
            ? new AgentAddress(host, (int)number)
            : throw ApiErrors.Unavailable($"node \"{name}\" has not said yet where its agent listens");
    }

    private static string QueryWithout(IQueryCollection query, string name)
    {
        var rest = query.Where(p => p.Key != name).SelectMany(p => p.Value, (p, v) => $"{Uri.EscapeDataString(p.Key)}={Uri.EscapeDataString(v ?? "")}").ToArray();
        return rest.Length == 0 ? "" : "?" + string.Join('&', rest);
    }
}
