namespace ControlPlane.Api.Machinery.Schema;

/// <summary>The JSON type a node must have. <see cref="Any"/> is a node without a declared type.</summary>
public enum SchemaType
{
    Any,
    Object,
    Array,
    String,
    Integer,
    Number,
    Boolean,
}
