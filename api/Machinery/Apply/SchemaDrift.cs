using ControlPlane.Api.Machinery.Schema;

namespace ControlPlane.Api.Machinery.Apply;

/// <summary>Owners recorded under an older schema: who owned anything in what is atomic now owns it whole. (The other way round nothing
/// is to do: owning an object's node alone is what its former owner is left with.)</summary>
internal static class SchemaDrift
{
    /// <summary>The same instance when nothing drifted.</summary>
    public static FieldSet Reconcile(FieldSet set, ResourceSchema? schema)
    {
        if (schema is null || !set.HasChildren)
            return set;
        if (IsAtomic(schema))
            return FieldSet.Leaf;
        FieldSet? result = null;
        foreach (var (element, child) in set.Children)
        {
            var below = element[0] == 'f' ? schema.Field(element[2..]) : schema.Items;
            var reconciled = Reconcile(child, below);
            if (ReferenceEquals(reconciled, child))
                continue;
            result ??= set.Copy();
            result.Attach(element, reconciled);
        }
        return result ?? set;
    }

    private static bool IsAtomic(ResourceSchema schema) => schema.Type switch
    {
        SchemaType.Object => schema.MapType == MapType.Atomic,
        SchemaType.Array => schema.ListType is not (ListType.Set or ListType.Map),
        SchemaType.Any => false,
        _ => true,
    };
}
