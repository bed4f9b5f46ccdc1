using System.Text.Json;

namespace ControlPlane.Api.Machinery.Apply;

/// <summary>A field that an apply would change although another manager owns it.</summary>
/// <param name="Manager">The owner.</param>
/// <param name="IsApply">Whether it owns the field by apply, as opposed to an ordinary write.</param>
/// <param name="Path">The field.</param>
public sealed record FieldConflict(FieldManager Manager, bool IsApply, FieldPathText Path)
{
    /// <summary>The <c>message</c> of the Status cause; its field is <see cref="Path"/>.</summary>
    public string Message => "conflict with " + Owner;

    internal string Owner
    {
        get
        {
            var text = JsonSerializer.Serialize(Manager.Name);
            if (Manager.Subresource.Length > 0)
                text += " with subresource " + JsonSerializer.Serialize(Manager.Subresource);
            return IsApply ? text : $"{text} using {Manager.ApiVersion}";
        }
    }
}
