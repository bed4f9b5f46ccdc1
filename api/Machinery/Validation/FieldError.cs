using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ControlPlane.Api.Machinery.Validation;

/// <summary>One refused field. <see cref="ToString"/> is the text clients show and tools match on, so its shape is fixed:
/// <c>spec.replicas: Invalid value: -1: must be greater than or equal to 0</c>.</summary>
public sealed record FieldError(FieldErrorType Type, string Field, JsonNode? BadValue, string Detail)
{
    private static readonly JsonSerializerOptions ValueFormat = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static FieldError Required(FieldPath field, string detail = "") => new(FieldErrorType.Required, field.ToString(), null, detail);

    public static FieldError Invalid(FieldPath field, JsonNode? value, string detail) =>
        new(FieldErrorType.Invalid, field.ToString(), value, detail);

    public static FieldError TypeInvalid(FieldPath field, JsonNode? value, string detail) =>
        new(FieldErrorType.TypeInvalid, field.ToString(), value, detail);

    public static FieldError NotSupported(FieldPath field, JsonNode? value, IEnumerable<string> supported) =>
        new(FieldErrorType.NotSupported, field.ToString(), value, SupportedValues(supported));

    public static FieldError Duplicate(FieldPath field, JsonNode? value) => new(FieldErrorType.Duplicate, field.ToString(), value, "");

    public static FieldError Forbidden(FieldPath field, string detail) => new(FieldErrorType.Forbidden, field.ToString(), null, detail);

    public static FieldError NotFound(FieldPath field, JsonNode? value) => new(FieldErrorType.NotFound, field.ToString(), value, "");

    /// <param name="maxBytes">The limit in bytes.</param>
    public static FieldError TooLong(FieldPath field, long maxBytes) => TooLong(field.ToString(), maxBytes);

    public static FieldError TooMany(FieldPath field, long actual, long maxItems) => TooMany(field.ToString(), actual, maxItems);

    public static FieldError Internal(FieldPath field, string detail) => new(FieldErrorType.Internal, field.ToString(), null, detail);

    internal static FieldError TooLong(string field, long maxBytes) =>
        new(FieldErrorType.TooLong, field, null, string.Create(CultureInfo.InvariantCulture, $"may not be more than {maxBytes} bytes"));

    internal static FieldError TooMany(string field, long actual, long maxItems) =>
        new(FieldErrorType.TooMany, field, actual, string.Create(CultureInfo.InvariantCulture, $"must have at most {maxItems} items"));

    internal static string SupportedValues(IEnumerable<string> supported) =>
        "supported values: " + string.Join(", ", supported.Select(value => JsonSerializer.Serialize(value, ValueFormat)));

    /// <summary>The <c>reason</c> of the Status cause.</summary>
    public string Reason => Type switch
    {
        FieldErrorType.Required => "FieldValueRequired",
        FieldErrorType.Invalid => "FieldValueInvalid",
        FieldErrorType.NotSupported => "FieldValueNotSupported",
        FieldErrorType.Duplicate => "FieldValueDuplicate",
        FieldErrorType.Forbidden => "FieldValueForbidden",
        FieldErrorType.TooLong => "FieldValueTooLong",
        FieldErrorType.TooMany => "FieldValueTooMany",
        FieldErrorType.TypeInvalid => "FieldValueTypeInvalid",
        FieldErrorType.NotFound => "FieldValueNotFound",
        _ => "InternalError",
    };

    /// <summary>The <c>message</c> of the Status cause: everything but the field.</summary>
    public string Body
    {
        get
        {
            var text = new StringBuilder(Title);
            if (ShowsValue)
                text.Append(": ").Append(BadValue is null ? "null" : BadValue.ToJsonString(ValueFormat));
            if (Detail.Length > 0)
                text.Append(": ").Append(Detail);
            return text.ToString();
        }
    }

    public override string ToString() => Field.Length == 0 ? "<nil>: " + Body : $"{Field}: {Body}";

    private bool ShowsValue => Type is FieldErrorType.Invalid or FieldErrorType.TypeInvalid or FieldErrorType.NotSupported
        or FieldErrorType.NotFound or FieldErrorType.Duplicate or FieldErrorType.TooMany;

    private string Title => Type switch
    {
        FieldErrorType.Required => "Required value",
        FieldErrorType.Invalid or FieldErrorType.TypeInvalid => "Invalid value",
        FieldErrorType.NotSupported => "Unsupported value",
        FieldErrorType.Duplicate => "Duplicate value",
        FieldErrorType.Forbidden => "Forbidden",
        FieldErrorType.TooLong => "Too long",
        FieldErrorType.TooMany => "Too many",
        FieldErrorType.NotFound => "Not found",
        _ => "Internal error",
    };
}
