using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using ControlPlane.Api.Schema;
using ControlPlane.Api.Values;

namespace ControlPlane.Api.Machinery.Schema;

/// <summary>The schema of a kind we ship, read from its record: types and names as the serializer sees them, constraints from attributes,
/// <c>required</c> from the keyword, descriptions from doc comments.</summary>
public static class SchemaFromType
{
    private static readonly ConcurrentDictionary<Type, ResourceSchema> Built = new();

    /// <exception cref="NotSupportedException">A property has a type that no API value can have.</exception>
    public static ResourceSchema Build(Type type) => Built.GetOrAdd(type, static key => Record(key, []));

    public static ResourceSchema Build<T>() => Build(typeof(T));

    private static ResourceSchema Record(Type type, Stack<Type> parents)
    {
        // A record that contains itself (a schema of schemas) is cut where it recurs: any shape is accepted there.
        if (parents.Contains(type))
            return new ResourceSchema { Type = SchemaType.Object, PreserveUnknownFields = true, DescriptionSource = () => DocComments.Of(type) };
        parents.Push(type);
        var properties = Ordered(type).ToArray();
        var schema = new ResourceSchema
        {
            Type = SchemaType.Object,
            DescriptionSource = () => DocComments.Of(type),
            Properties = new SchemaProperties(properties.Select(property => KeyValuePair.Create(NameOf(property), Property(property, parents)))),
            Required = [.. properties.Where(property => property.IsDefined(typeof(RequiredMemberAttribute))).Select(NameOf)],
            MapType = type.IsDefined(typeof(AtomicAttribute)) ? MapType.Atomic : MapType.Granular,
        };
        parents.Pop();
        return schema;
    }

    private static IEnumerable<PropertyInfo> Ordered(Type type) => type
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.GetIndexParameters().Length == 0 && property.GetCustomAttribute<JsonIgnoreAttribute>() is not { Condition: JsonIgnoreCondition.Always })
        .OrderBy(property => property.GetCustomAttribute<JsonPropertyOrderAttribute>()?.Order ?? 0)
        .ThenBy(property => property.MetadataToken);

    private static string NameOf(PropertyInfo property) =>
        property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name);

    private static ResourceSchema Property(PropertyInfo property, Stack<Type> parents)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (property.IsDefined(typeof(AnyJsonAttribute)))
            return AnyJson(property, type);
        if (type != typeof(string) && type != typeof(byte[]) && ItemType(type) is { } itemType)
            return List(property, itemType, parents);
        if (ValueType(type) is { } valueType)
            return Map(property, valueType, parents);
        return Single(property, type, parents, isItem: false);
    }

    private static ResourceSchema AnyJson(PropertyInfo property, Type type) => new()
    {
        Type = type == typeof(JsonObject) ? SchemaType.Object : SchemaType.Any,
        PreserveUnknownFields = true,
        DescriptionSource = () => DocComments.Of(property),
    };

    private static ResourceSchema List(PropertyInfo property, Type itemType, Stack<Type> parents)
    {
        var map = property.GetCustomAttribute<ListMapAttribute>();
        var merge = property.GetCustomAttribute<PatchMergeAttribute>();
        var isSet = property.IsDefined(typeof(ListSetAttribute));
        var bounds = property.GetCustomAttribute<ItemsAttribute>();
        return new ResourceSchema
        {
            Type = SchemaType.Array,
            DescriptionSource = () => DocComments.Of(property),
            Items = Single(property, Nullable.GetUnderlyingType(itemType) ?? itemType, parents, isItem: true),
            Default = DefaultOf(property),
            MinItems = bounds is { Minimum: > 0 } ? bounds.Minimum : null,
            MaxItems = bounds is { Maximum: < int.MaxValue } ? bounds.Maximum : null,
            ListType = map is not null ? ListType.Map : isSet ? ListType.Set : ListType.Atomic,
            ListMapKeys = map?.Keys ?? [],
            PatchStrategy = map is not null || merge is not null || isSet ? PatchStrategies.Merge : PatchStrategies.None,
            PatchMergeKey = merge?.Key ?? map?.PatchMergeKey ?? map?.Keys[0],
            Immutable = property.IsDefined(typeof(ImmutableFieldAttribute)),
        };
    }

    private static ResourceSchema Map(PropertyInfo property, Type valueType, Stack<Type> parents)
    {
        var bounds = property.GetCustomAttribute<ItemsAttribute>();
        return new ResourceSchema
        {
            Type = SchemaType.Object,
            DescriptionSource = () => DocComments.Of(property),
            AdditionalProperties = ItemType(valueType) is { } itemType && valueType != typeof(string) && valueType != typeof(byte[])
                ? new ResourceSchema { Type = SchemaType.Array, Items = Single(property, itemType, parents, isItem: true), ListType = ListType.Atomic }
                : Single(property, Nullable.GetUnderlyingType(valueType) ?? valueType, parents, isItem: true),
            Default = DefaultOf(property),
            MinProperties = bounds is { Minimum: > 0 } ? bounds.Minimum : null,
            MaxProperties = bounds is { Maximum: < int.MaxValue } ? bounds.Maximum : null,
            MapType = property.IsDefined(typeof(AtomicAttribute)) ? MapType.Atomic : MapType.Granular,
            Immutable = property.IsDefined(typeof(ImmutableFieldAttribute)),
        };
    }

    /// <summary>A property that is neither list nor map, or the item of one: constraints on text and numbers hold for each item.</summary>
    private static ResourceSchema Single(PropertyInfo property, Type type, Stack<Type> parents, bool isItem)
    {
        var (schemaType, format, form) = Scalar(type);
        var record = schemaType == SchemaType.Object ? Record(type, parents) : null;
        var length = property.GetCustomAttribute<LengthAttribute>();
        var minimum = property.GetCustomAttribute<MinimumAttribute>();
        return new ResourceSchema
        {
            Type = schemaType,
            Format = property.GetCustomAttribute<FormatAttribute>()?.Format ?? format,
            Form = form,
            DescriptionSource = isItem ? () => DocComments.Of(type) : () => DocComments.Of(property),
            Default = isItem ? null : DefaultOf(property),
            IntOrString = type == typeof(IntOrString),
            Enum = AllowedValues(property, type),
            Minimum = minimum?.Value,
            ExclusiveMinimum = minimum?.Exclusive ?? false,
            Maximum = property.GetCustomAttribute<MaximumAttribute>()?.Value,
            MinLength = length is { Minimum: > 0 } ? length.Minimum : null,
            MaxLength = length is { Maximum: < int.MaxValue } ? length.Maximum : null,
            Pattern = property.GetCustomAttribute<PatternAttribute>()?.Regex,
            Properties = record?.Properties ?? SchemaProperties.Empty,
            Required = record?.Required ?? [],
            PreserveUnknownFields = record?.PreserveUnknownFields ?? false,
            MapType = !isItem && property.IsDefined(typeof(AtomicAttribute)) ? MapType.Atomic : record?.MapType ?? MapType.Granular,
            Immutable = !isItem && property.IsDefined(typeof(ImmutableFieldAttribute)),
        };
    }

    private static (SchemaType Type, string? Format, CanonicalForm Form) Scalar(Type type)
    {
        if (type.IsEnum || type == typeof(string))
            return (SchemaType.String, null, CanonicalForm.None);
        if (type == typeof(bool))
            return (SchemaType.Boolean, null, CanonicalForm.None);
        if (type == typeof(int))
            return (SchemaType.Integer, "int32", CanonicalForm.None);
        if (type == typeof(long))
            return (SchemaType.Integer, "int64", CanonicalForm.None);
        if (type == typeof(double) || type == typeof(decimal))
            return (SchemaType.Number, "double", CanonicalForm.None);
        if (type == typeof(byte[]))
            return (SchemaType.String, "byte", CanonicalForm.None);
        if (type == typeof(DateTimeOffset))
            return (SchemaType.String, "date-time", CanonicalForm.Time);
        if (type == typeof(MicroTime))
            return (SchemaType.String, "date-time", CanonicalForm.MicroTime);
        if (type == typeof(Quantity))
            return (SchemaType.String, "quantity", CanonicalForm.Quantity);
        if (type == typeof(IntOrString) || type == typeof(JsonNode) || type == typeof(JsonElement))
            return (SchemaType.Any, type == typeof(IntOrString) ? "int-or-string" : null, CanonicalForm.None);
        return type is { IsClass: true, Namespace: { } ns } && ns.StartsWith("System", StringComparison.Ordinal)
            ? throw new NotSupportedException($"{type} cannot be a value of the API")
            : (SchemaType.Object, null, CanonicalForm.None);
    }

    private static JsonNode?[] AllowedValues(PropertyInfo property, Type type)
    {
        if (property.GetCustomAttribute<AllowedAttribute>() is { } allowed)
            return [.. allowed.Values.Select(value => (JsonNode?)JsonValue.Create(value))];
        return type.IsEnum ? [.. Enum.GetNames(type).Select(name => (JsonNode?)JsonValue.Create(name))] : [];
    }

    private static JsonNode? DefaultOf(PropertyInfo property) => property.GetCustomAttribute<DefaultAttribute>() is { } attribute
        ? Json.StrictJson.Parse(System.Text.Encoding.UTF8.GetBytes(attribute.Json)).Root
        : null;

    private static Type? ItemType(Type type) => type.IsArray
        ? type.GetElementType()
        : ArgumentOf(type, typeof(IReadOnlyList<>)) ?? ArgumentOf(type, typeof(IReadOnlyCollection<>)) ?? ArgumentOf(type, typeof(List<>));

    private static Type? ValueType(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() is var definition
            && (definition == typeof(IReadOnlyDictionary<,>) || definition == typeof(Dictionary<,>))
            ? type.GetGenericArguments()[1]
            : null;

    private static Type? ArgumentOf(Type type, Type definition) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == definition ? type.GetGenericArguments()[0] : null;
}
