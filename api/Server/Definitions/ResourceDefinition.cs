using System.Text;
using ControlPlane.Api.Machinery.Schema;
using ControlPlane.Api.Machinery.Validation;
using ControlPlane.Api.Schema;
using ControlPlane.Api.Server.Registry;

namespace ControlPlane.Api.Server.Definitions;

/// <summary>Everything the server knows about a kind. Handlers read this and nothing else, so a new kind is new data.</summary>
internal sealed class ResourceDefinition
{
    public required string Group { get; init; }
    public required string Version { get; init; }
    public required string Kind { get; init; }
    public required string Plural { get; init; }
    public required string Singular { get; init; }
    public required ResourceScope Scope { get; init; }
    public required ResourceSchema Schema { get; init; }
    public string ListKind => Kind + "List";
    public IReadOnlyList<string> ShortNames { get; init; } = [];
    public IReadOnlyList<string> Categories { get; init; } = [];
    public IReadOnlyList<string> Verbs { get; init; } = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
    public IReadOnlyList<PrinterColumn> Columns { get; init; } = [];
    public IReadOnlyDictionary<string, SelectableField> SelectableFields { get; init; } = new Dictionary<string, SelectableField>();
    public IReadOnlyDictionary<string, SubresourceDefinition> Subresources { get; init; } = new Dictionary<string, SubresourceDefinition>();
    public ScalePaths? Scale { get; init; }
    public ResourceStrategy Strategy { get; init; } = ResourceStrategy.Default;

    /// <summary>Answers a create without storing anything: the review kinds. Null for stored kinds.</summary>
    public Rest.IVirtualResource? Virtual { get; init; }

    public bool HasStatus => Subresources.ContainsKey("status");
    public bool IsNamespaced => Scope == ResourceScope.Namespaced;
    public string ApiVersion => field ??= Group.Length == 0 ? Version : Group + "/" + Version;

    /// <summary><c>plural.group</c>, or <c>plural</c> for core; as in messages.</summary>
    public string QualifiedResource => field ??= Group.Length == 0 ? Plural : Plural + "." + Group;

    /// <summary><c>Kind.group</c>, or <c>Kind</c> for core; as in messages.</summary>
    public string QualifiedKind => field ??= Group.Length == 0 ? Kind : Kind + "." + Group;

    /// <summary>Reads what selectors compare from an object's bytes.</summary>
    public FactReader Facts => field ??= new FactReader(SelectableFields.Values);

    public NameRule NameRule => Strategy.NameRule;

    /// <summary>Start of every key of this resource, with a trailing slash.</summary>
    public string StoragePrefix => field ??= StorageKey.Prefix(Group, Plural);

    /// <summary>First bytes of every stored object, up to and with the opening brace of its metadata.</summary>
    public byte[] ObjectPrefix => field ??=
        Encoding.UTF8.GetBytes($"{{\"apiVersion\":\"{ApiVersion}\",\"kind\":\"{Kind}\",\"metadata\":{{");

    /// <summary>First bytes of a list, up to and with the opening brace of its metadata.</summary>
    public byte[] ListPrefix => field ??=
        Encoding.UTF8.GetBytes($"{{\"kind\":\"{ListKind}\",\"apiVersion\":\"{ApiVersion}\",\"metadata\":{{");

    public override string ToString() => $"{ApiVersion} {Kind}";
}
