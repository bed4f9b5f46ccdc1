using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ControlPlane.Agent.Networking.Cni;

/// <summary>A CNI network configuration list: plugins that are run one after the other.</summary>
public sealed class CniNetwork
{
    private CniNetwork(JsonObject json)
    {
        Json = json;
        Name = Required(json, "name");
        Version = json["cniVersion"]?.GetValue<string>() ?? "0.4.0";
        Plugins = [.. (json["plugins"] as JsonArray ?? throw new NetworkException("the CNI configuration has no plugins")).Select(
            plugin => plugin as JsonObject ?? throw new NetworkException("the CNI configuration has a plugin that is no object"))];
        if (Plugins.Count == 0)
            throw new NetworkException("the CNI configuration has no plugins");
        foreach (var plugin in Plugins)
            if (Required(plugin, "type").Contains('/'))
                throw new NetworkException($"the CNI plugin type \"{plugin["type"]}\" is not a program name");
    }

    public string Name { get; }

    public string Version { get; }

    internal JsonObject Json { get; }

    internal IReadOnlyList<JsonObject> Plugins { get; }

    /// <summary>bridge with host-local addresses, and portmap for host ports.</summary>
    public static CniNetwork Default(PodNetworkOptions options)
    {
        var bridge = new JsonObject
        {
            ["type"] = "bridge",
            ["bridge"] = options.Bridge,
            ["isGateway"] = true,
            ["isDefaultGateway"] = true,
            ["hairpinMode"] = true,
            // What leaves the cluster is masqueraded by the VIP table, in the same pass as everything else.
            ["ipMasq"] = false,
            ["ipam"] = new JsonObject
            {
                ["type"] = "host-local",
                ["dataDir"] = options.AllocationDirectory,
                ["ranges"] = new JsonArray(new JsonArray(new JsonObject
                {
                    ["subnet"] = options.PodCidr.ToString(),
                    ["gateway"] = Gateway(options.PodCidr).ToString(),
                })),
            },
        };
        if (options.Mtu > 0)
            bridge["mtu"] = options.Mtu;
        return new CniNetwork(new JsonObject
        {
            ["cniVersion"] = "1.0.0",
            ["name"] = options.Name,
            ["plugins"] = new JsonArray(
                bridge,
                new JsonObject { ["type"] = "portmap", ["snat"] = true, ["capabilities"] = new JsonObject { ["portMappings"] = true } }),
        });
    }

    /// <summary>A *.conflist, or a *.conf of a single plugin.</summary>
    /// <exception cref="NetworkException">The text is no CNI configuration.</exception>
    public static CniNetwork Parse(string json)
    {
        try
        {
            var document = JsonNode.Parse(json) as JsonObject ?? throw new NetworkException("the CNI configuration is no object");
            return new CniNetwork(document["plugins"] is null ? Wrap(document) : document);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new NetworkException($"the CNI configuration is not valid: {e.Message}", e);
        }
    }

    /// <summary>The first configuration of a directory by name, as a kubelet takes it; null when there is none.</summary>
    public static CniNetwork? Load(string directory)
    {
        if (!Directory.Exists(directory))
            return null;
        var file = Directory.EnumerateFiles(directory)
            .Where(file => Path.GetExtension(file) is ".conflist" or ".conf" or ".json").Order(StringComparer.Ordinal).FirstOrDefault();
        return file is null ? null : Parse(File.ReadAllText(file));
    }

    /// <summary>The first address of a range: the bridge's own.</summary>
    public static IPAddress Gateway(IPNetwork podCidr)
    {
        var bytes = podCidr.BaseAddress.GetAddressBytes();
        bytes[^1]++;
        return new IPAddress(bytes);
    }

    private static JsonObject Wrap(JsonObject plugin) => new()
    {
        ["cniVersion"] = plugin["cniVersion"]?.DeepClone() ?? "0.4.0",
        ["name"] = plugin["name"]?.DeepClone(),
        ["plugins"] = new JsonArray(plugin.DeepClone()),
    };

    private static string Required(JsonObject json, string key) =>
        json[key]?.GetValue<string>() is { Length: > 0 } value ? value : throw new NetworkException($"the CNI configuration has no {key}");
}
