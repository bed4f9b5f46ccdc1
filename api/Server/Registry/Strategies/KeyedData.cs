using System.Text;
using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Validation;

namespace ControlPlane.Api.Server.Registry.Strategies;

/// <summary>What ConfigMaps and Secrets have in common.</summary>
internal static class KeyedData
{
    private const int MaxBytes = 1024 * 1024;
    private const int MaxKeyLength = 253;
    private const string KeyProblem = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', "
        + "regex used for validation is '[-._a-zA-Z0-9]+')";

    public static void Validate(JsonObject proposed, JsonObject? live, string[] fields, List<FieldError> errors)
    {
        var total = 0L;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var field in fields)
        {
            foreach (var (key, value) in proposed.GetObject(field) ?? [])
            {
                var path = FieldPath.Of(field).Key(key);
                if (key.Length is 0 or > MaxKeyLength || key is "." or ".." || !key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
                    errors.Add(FieldError.Invalid(path, key, KeyProblem));
                if (!seen.Add(key))
                    errors.Add(FieldError.Invalid(path, key, "duplicate of key present in data"));
                total += Encoding.UTF8.GetByteCount(JsonTree.AsString(value) ?? "");
            }
        }
        if (total > MaxBytes)
            errors.Add(FieldError.TooLong(FieldPath.Root, MaxBytes));
        if (IsImmutable(live))
            CheckUnchanged(proposed, live!, fields, errors);
    }

    private static void CheckUnchanged(JsonObject proposed, JsonObject live, string[] fields, List<FieldError> errors)
    {
        if (!IsImmutable(proposed))
            errors.Add(FieldError.Forbidden(FieldPath.Of("immutable"), "field is immutable when `immutable` is set"));
        foreach (var field in fields)
        {
            if (!JsonTree.DeepEquals(proposed[field], live[field]))
                errors.Add(FieldError.Forbidden(FieldPath.Of(field), "field is immutable when `immutable` is set"));
        }
    }

    private static bool IsImmutable(JsonObject? tree) => tree?["immutable"] is JsonValue flag && flag.TryGetValue(out bool value) && value;
}
