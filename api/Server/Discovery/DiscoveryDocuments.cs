using System.Security.Cryptography;
using System.Text.Json.Nodes;
using ControlPlane.Api.Serialization;
using ControlPlane.Api.Server.Definitions;

namespace ControlPlane.Api.Server.Discovery;

/// <summary>A document and what names its content.</summary>
internal sealed record Document(byte[] Json)
{
    /// <summary>Hash of the content, as in ETags and URLs.</summary>
    public string Hash => field ??= Convert.ToHexString(SHA512.HashData(Json));

    public static Document Of(JsonObject tree) => new(ApiJson.Serialize(tree));
}

/// <summary>Which kinds are served, in both forms clients ask for: one document per version, or one for all. Built once per set of kinds.</summary>
internal sealed class DiscoveryDocuments
{
    private readonly Dictionary<string, Document> _byPath = new(StringComparer.Ordinal);

    public DiscoveryDocuments(DefinitionSnapshot definitions)
    {
        Generation = definitions.Generation;
        var core = definitions.GroupVersions.Where(g => g.Group.Length == 0).ToArray();
        var groups = definitions.GroupVersions.Where(g => g.Group.Length > 0).GroupBy(g => g.Group).ToArray();
        _byPath["/api"] = Document.Of(new JsonObject
        {
            ["kind"] = "APIVersions", ["versions"] = Array(core.Select(g => (JsonNode)g.Version)),
            ["serverAddressByClientCIDRs"] = new JsonArray(new JsonObject { ["clientCIDR"] = "0.0.0.0/0", ["serverAddress"] = "" }),
        });
        _byPath["/apis"] = Document.Of(new JsonObject { ["kind"] = "APIGroupList", ["apiVersion"] = "v1", ["groups"] = Array(groups.Select(GroupOf)) });
        foreach (var group in groups)
        {
            var document = GroupOf(group);
            document["kind"] = "APIGroup";
            document["apiVersion"] = "v1";
            _byPath["/apis/" + group.Key] = Document.Of(document);
        }
        foreach (var version in definitions.GroupVersions)
            _byPath["/" + version.Path] = Document.Of(ResourceList(version));
        AggregatedCore = Document.Of(Aggregated([AggregatedGroup("", core)]));
        AggregatedGroups = Document.Of(Aggregated(groups.Select(g => AggregatedGroup(g.Key, g))));
    }

    public long Generation { get; }

    /// <summary>Everything below /api.</summary>
    public Document AggregatedCore { get; }

    /// <summary>Everything below /apis.</summary>
    public Document AggregatedGroups { get; }

    /// <summary>The document of one path in the older form, or null.</summary>
    public Document? Legacy(string path) => _byPath.GetValueOrDefault(path);

    private static JsonObject GroupOf(IGrouping<string, GroupVersion> group) => new()
    {
        ["name"] = group.Key,
        ["versions"] = Array(group.Select(Version)),
        ["preferredVersion"] = Version(group.First()),
    };

    private static JsonObject Version(GroupVersion version) => new() { ["groupVersion"] = version.Name, ["version"] = version.Version };

    private static JsonObject ResourceList(GroupVersion version)
    {
        var resources = new JsonArray();
        foreach (var definition in version.Resources)
        {
            var entry = new JsonObject
            {
                ["name"] = definition.Plural, ["singularName"] = definition.Singular, ["namespaced"] = definition.IsNamespaced,
                ["kind"] = definition.Kind, ["verbs"] = Strings(definition.Verbs),
            };
            AddNames(entry, definition);
            resources.Add(entry);
            foreach (var subresource in definition.Subresources.Values.OrderBy(s => s.Name, StringComparer.Ordinal))
                resources.Add(LegacySubresource(definition, subresource));
        }
        return new JsonObject { ["kind"] = "APIResourceList", ["apiVersion"] = "v1", ["groupVersion"] = version.Name, ["resources"] = resources };
    }

    private static JsonObject LegacySubresource(ResourceDefinition definition, SubresourceDefinition subresource)
    {
        var kind = subresource.ResponseKind;
        var entry = new JsonObject { ["name"] = definition.Plural + "/" + subresource.Name, ["singularName"] = "", ["namespaced"] = definition.IsNamespaced };
        if (kind.Group != definition.Group || kind.Version != definition.Version)
        {
            entry["group"] = kind.Group;
            entry["version"] = kind.Version;
        }
        entry["kind"] = kind.Kind;
        entry["verbs"] = Strings(subresource.Verbs);
        return entry;
    }

    private static JsonObject Aggregated(IEnumerable<JsonObject> groups) => new()
    {
        ["kind"] = "APIGroupDiscoveryList", ["apiVersion"] = "apidiscovery.k8s.io/v2", ["metadata"] = new JsonObject(), ["items"] = Array(groups),
    };

    private static JsonObject AggregatedGroup(string group, IEnumerable<GroupVersion> versions) => new()
    {
        ["metadata"] = group.Length == 0 ? [] : new JsonObject { ["name"] = group },
        ["versions"] = Array(versions.Select(v => new JsonObject
        {
            ["version"] = v.Version, ["resources"] = Array(v.Resources.Select(AggregatedResource)), ["freshness"] = "Current",
        })),
    };

    private static JsonObject AggregatedResource(ResourceDefinition definition)
    {
        var entry = new JsonObject
        {
            ["resource"] = definition.Plural,
            ["responseKind"] = Kind(definition.Group, definition.Version, definition.Kind),
            ["scope"] = definition.Scope.ToString(),
            ["singularResource"] = definition.Singular,
            ["verbs"] = Strings(definition.Verbs),
        };
        AddNames(entry, definition);
        if (definition.Subresources.Count > 0)
        {
            entry["subresources"] = Array(definition.Subresources.Values.OrderBy(s => s.Name, StringComparer.Ordinal).Select(s => new JsonObject
            {
                ["subresource"] = s.Name,
                ["responseKind"] = Kind(s.ResponseKind.Group, s.ResponseKind.Version, s.ResponseKind.Kind),
                ["verbs"] = Strings(s.Verbs),
            }));
        }
        return entry;
    }

    private static void AddNames(JsonObject entry, ResourceDefinition definition)
    {
        if (definition.ShortNames.Count > 0)
            entry["shortNames"] = Strings(definition.ShortNames);
        if (definition.Categories.Count > 0)
            entry["categories"] = Strings(definition.Categories);
    }

    private static JsonObject Kind(string group, string version, string kind) => new() { ["group"] = group, ["version"] = version, ["kind"] = kind };

    private static JsonArray Strings(IEnumerable<string> values) => Array(values.Select(v => (JsonNode)v));

    private static JsonArray Array(IEnumerable<JsonNode> values) => new([.. values]);
}
