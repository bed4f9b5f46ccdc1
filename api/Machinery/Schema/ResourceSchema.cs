using System.Text.Json.Nodes;

namespace ControlPlane.Api.Machinery.Schema;

/// <summary>What one node of an object may hold: the structural schema of Kubernetes, as immutable data. Built from a record for the
/// kinds we ship, from a definition for the kinds users add; everything that decodes, defaults, validates, merges or documents an object
/// reads this and nothing else.</summary>
public sealed class ResourceSchema
{
    private readonly Lazy<ItemPattern?> _pattern;
    private bool? _changesOnDefaulting;
    private bool? _hasCanonicalForms;

    public ResourceSchema() => _pattern = new Lazy<ItemPattern?>(() => Pattern is null ? null : ItemPattern.Compile(Pattern));

    public SchemaType Type { get; init; }

    /// <summary>What the field means, for <c>explain</c> and OpenAPI.</summary>
    public string? Description
    {
        get => field ?? DescriptionSource?.Invoke();
        init;
    }

    /// <summary>Descriptions of our own kinds come from the doc comments, which are only read when somebody asks.</summary>
    internal Func<string?>? DescriptionSource { get; init; }

    public string? Format { get; init; }

    /// <summary>Shared: clone before putting it into a tree.</summary>
    public JsonNode? Default { get; init; }

    public bool Nullable { get; init; }
    public IReadOnlyList<JsonNode?> Enum { get; init; } = [];

    public SchemaProperties Properties { get; init; } = SchemaProperties.Empty;
    public IReadOnlyList<string> Required { get; init; } = [];
    public ResourceSchema? AdditionalProperties { get; init; }
    public ResourceSchema? Items { get; init; }

    public double? Minimum { get; init; }
    public bool ExclusiveMinimum { get; init; }
    public double? Maximum { get; init; }
    public bool ExclusiveMaximum { get; init; }
    public double? MultipleOf { get; init; }

    /// <summary>In characters (Unicode scalar values), as is <see cref="MaxLength"/>.</summary>
    public long? MinLength { get; init; }
    public long? MaxLength { get; init; }

    /// <summary>An RE2-style expression: no look-around, no back references.</summary>
    public string? Pattern { get; init; }

    public long? MinItems { get; init; }
    public long? MaxItems { get; init; }
    public long? MinProperties { get; init; }
    public long? MaxProperties { get; init; }

    public IReadOnlyList<ResourceSchema> AllOf { get; init; } = [];
    public IReadOnlyList<ResourceSchema> AnyOf { get; init; } = [];
    public IReadOnlyList<ResourceSchema> OneOf { get; init; } = [];
    public ResourceSchema? Not { get; init; }

    public bool IntOrString { get; init; }
    public bool PreserveUnknownFields { get; init; }
    public bool EmbeddedResource { get; init; }

    /// <summary>Null means undeclared, which merges as <see cref="ListType.Atomic"/>.</summary>
    public ListType? ListType { get; init; }
    public IReadOnlyList<string> ListMapKeys { get; init; } = [];
    public MapType MapType { get; init; }

    public PatchStrategies PatchStrategy { get; init; }
    public string? PatchMergeKey { get; init; }

    /// <summary>The value may be set once and not changed afterwards.</summary>
    public bool Immutable { get; init; }

    /// <summary>Anything goes here: no declared shape, so unknown fields cannot exist.</summary>
    internal bool IsOpaque => PreserveUnknownFields
        || (Type == SchemaType.Any && Properties.Count == 0 && AdditionalProperties is null && Items is null && !EmbeddedResource);

    /// <summary>The text form that values of our own kinds are brought into before they are stored.</summary>
    internal CanonicalForm Form { get; init; }

    internal ItemPattern? CompiledPattern => _pattern.Value;

    /// <summary>The schema of an object's field, declared or through additionalProperties; null when unknown.</summary>
    public ResourceSchema? Field(string name) => Properties.TryGet(name, out var declared) ? declared : AdditionalProperties;

    /// <summary>False when defaulting can never change a value of this schema, so that whole subtrees are skipped.</summary>
    internal bool ChangesOnDefaulting => _changesOnDefaulting ??= Type is SchemaType.Object or SchemaType.Any
        ? Properties.Count > 0 || AdditionalProperties is not null
        : Items is { ChangesOnDefaulting: true };

    /// <summary>Whether values of this schema, or anything below, have a canonical form.</summary>
    internal bool HasCanonicalForms => _hasCanonicalForms ??= Form != CanonicalForm.None
        || Items is { HasCanonicalForms: true }
        || AdditionalProperties is { HasCanonicalForms: true }
        || Properties.Ordered.Any(property => property.Value.HasCanonicalForms);
}
