using ControlPlane.Api.Meta;

namespace ControlPlane.Controllers;

/// <summary>Who controls what.</summary>
public static class Ownership
{
    /// <summary>The owner that manages the object, or <c>null</c>.</summary>
    public static OwnerReference? ControllingOwner(this Resource item)
    {
        foreach (var reference in item.Metadata.OwnerReferences)
        {
            if (reference.Controller == true)
                return reference;
        }
        return null;
    }

    /// <summary>Whether <paramref name="owner"/> manages the object.</summary>
    public static bool IsControlledBy(this Resource item, Resource owner) => item.ControllingOwner() is { } reference && reference.Uid == owner.Metadata.Uid;

    /// <summary>A reference that makes <paramref name="owner"/> manage its holder.</summary>
    public static OwnerReference AsController(this Resource owner) => new()
    {
        ApiVersion = owner.ApiVersion,
        Kind = owner.Kind,
        Name = owner.Metadata.Name ?? "",
        Uid = owner.Metadata.Uid ?? "",
        Controller = true,
        BlockOwnerDeletion = true,
    };
}
