namespace ControlPlane.Api.Machinery.Validation;

/// <summary>Why a field is refused. Each becomes the reason of a Status cause (<c>FieldValue…</c>).</summary>
public enum FieldErrorType
{
    Required,
    Invalid,
    NotSupported,
    Duplicate,
    Forbidden,
    TooLong,
    TooMany,
    TypeInvalid,
    NotFound,
    Internal,
}
