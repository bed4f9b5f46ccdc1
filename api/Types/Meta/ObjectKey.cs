namespace ControlPlane.Api.Meta;

/// <summary>Namespace and name: identifies an object within its kind.</summary>
/// <param name="Namespace">Empty for cluster-scoped kinds.</param>
/// <param name="Name">Name.</param>
public readonly record struct ObjectKey(string Namespace, string Name)
{
    /// <summary>The key of an object.</summary>
    public static ObjectKey Of(Resource resource) => new(resource.Metadata.Namespace ?? "", resource.Metadata.Name ?? "");

    /// <summary><c>namespace/name</c>, or <c>name</c>.</summary>
    public override string ToString() => Namespace.Length == 0 ? Name : Namespace + "/" + Name;
}
