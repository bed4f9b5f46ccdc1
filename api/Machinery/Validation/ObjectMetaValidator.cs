using System.Text;
using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;

namespace ControlPlane.Api.Machinery.Validation;

/// <summary>The rules every object's metadata must follow, whatever its kind. Shapes (types of fields) are the schema's business and
/// must have been checked before.</summary>
public static class ObjectMetaValidator
{
    /// <summary>All keys and values of an object's annotations together.</summary>
    public const int MaxAnnotationBytes = 256 * 1024;

    private static readonly FieldPath Metadata = FieldPath.Of("metadata");

    public static void Validate(JsonObject metadata, NameRule rule, List<FieldError> errors)
    {
        ValidateName(metadata, rule, errors);
        ValidateLabels(metadata.GetObject("labels"), Metadata.Child("labels"), errors);
        ValidateAnnotations(metadata.GetObject("annotations"), errors);
        ValidateOwners(metadata.GetArray("ownerReferences"), errors);
        ValidateFinalizers(metadata.GetArray("finalizers"), errors);
    }

    /// <summary>Rules for a change: what was fixed at creation stays, and an object being deleted takes no new finalizers.</summary>
    public static void ValidateUpdate(JsonObject updated, JsonObject live, List<FieldError> errors)
    {
        foreach (var name in (ReadOnlySpan<string>)["name", "namespace", "uid", "creationTimestamp"])
        {
            if (live.GetString(name) is { } old && updated.GetString(name) != old)
                errors.Add(FieldError.Invalid(Metadata.Child(name), updated[name]?.DeepClone(), "field is immutable"));
        }
        if (live.ContainsKey("deletionTimestamp"))
            ForbidNewFinalizers(updated, live, errors);
    }

    public static void ValidateLabels(JsonObject? labels, FieldPath path, List<FieldError> errors)
    {
        if (labels is null)
            return;
        foreach (var (key, value) in labels)
        {
            if (Names.LabelKeyProblem(key) is { } keyProblem)
                errors.Add(FieldError.Invalid(path, key, keyProblem));
            if (Names.LabelValueProblem(JsonTree.AsString(value) ?? "") is { } valueProblem)
                errors.Add(FieldError.Invalid(path, value?.DeepClone(), valueProblem));
        }
    }

    private static void ValidateName(JsonObject metadata, NameRule rule, List<FieldError> errors)
    {
        var generateName = metadata.GetString("generateName");
        if (!string.IsNullOrEmpty(generateName))
        {
            // The generated suffix makes a trailing dash legal.
            var prefix = generateName.EndsWith('-') && rule != NameRule.PathSegment ? generateName[..^1] + "a" : generateName;
            Check(prefix, generateName, "generateName");
        }
        var name = metadata.GetString("name");
        if (string.IsNullOrEmpty(name))
            errors.Add(FieldError.Required(Metadata.Child("name"), "name or generateName is required"));
        else
            Check(name, name, "name");

        void Check(string checkedText, string shownText, string field)
        {
            if (NameProblem(checkedText, rule) is { } problem)
                errors.Add(FieldError.Invalid(Metadata.Child(field), shownText, problem));
        }
    }

    private static string? NameProblem(string name, NameRule rule) => rule switch
    {
        NameRule.DnsLabel => Names.DnsLabelProblem(name),
        NameRule.PathSegment => Names.PathSegmentProblem(name),
        _ => Names.DnsSubdomainProblem(name),
    };

    private static void ValidateAnnotations(JsonObject? annotations, List<FieldError> errors)
    {
        if (annotations is null)
            return;
        var path = Metadata.Child("annotations");
        var total = 0L;
        foreach (var (key, value) in annotations)
        {
            // Unlike labels, annotation keys may be upper case in their prefix.
            if (Names.LabelKeyProblem(key.ToLowerInvariant()) is { } problem)
                errors.Add(FieldError.Invalid(path, key, problem));
            total += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(JsonTree.AsString(value) ?? "");
        }
        if (total > MaxAnnotationBytes)
            errors.Add(FieldError.TooLong(path, MaxAnnotationBytes));
    }

    private static void ValidateOwners(JsonArray? owners, List<FieldError> errors)
    {
        if (owners is null)
            return;
        var path = Metadata.Child("ownerReferences");
        JsonObject? controller = null;
        for (var i = 0; i < owners.Count; i++)
        {
            if (owners[i] is not JsonObject owner)
                continue;
            ValidateOwner(owner, path.Index(i), errors);
            if (owner["controller"] is not JsonValue flag || !flag.TryGetValue(out bool isController) || !isController)
                continue;
            if (controller is not null)
            {
                errors.Add(FieldError.Invalid(path, owners.DeepClone(), "Only one reference can have Controller set to true. Found \"true\" in references for "
                    + $"{Describe(controller)} and {Describe(owner)}"));
                return;
            }
            controller = owner;
        }
    }

    private static void ValidateOwner(JsonObject owner, FieldPath path, List<FieldError> errors)
    {
        Require("apiVersion", "version must not be empty");
        Require("kind", "must not be empty");
        Require("name", "must not be empty");
        Require("uid", "must not be empty");
        if (owner.GetString("kind") == "Event" && owner.GetString("apiVersion") is "v1" or "events.k8s.io/v1")
            errors.Add(FieldError.Invalid(path, owner.DeepClone(), $"{owner.GetString("apiVersion")}, Kind=Event is disallowed from being an owner"));

        void Require(string field, string problem)
        {
            if (string.IsNullOrEmpty(owner.GetString(field)))
                errors.Add(FieldError.Invalid(path.Child(field), owner.GetString(field) ?? "", problem));
        }
    }

    private static string Describe(JsonObject owner) => $"{owner.GetString("kind")}/{owner.GetString("name")}";

    private static void ValidateFinalizers(JsonArray? finalizers, List<FieldError> errors)
    {
        if (finalizers is null)
            return;
        var path = Metadata.Child("finalizers");
        var orphan = false;
        var foreground = false;
        for (var i = 0; i < finalizers.Count; i++)
        {
            var name = JsonTree.AsString(finalizers[i]) ?? "";
            orphan |= name == "orphan";
            foreground |= name == "foregroundDeletion";
            if (Names.LabelKeyProblem(name) is { } problem)
                errors.Add(FieldError.Invalid(path.Index(i), name, problem));
            else if (!name.Contains('/') && name is not ("orphan" or "foregroundDeletion"))
                errors.Add(FieldError.Invalid(path.Index(i), name, "name is neither a standard finalizer name nor is it fully qualified"));
        }
        if (orphan && foreground)
        {
            errors.Add(FieldError.Invalid(
                path, finalizers.DeepClone(), "finalizer orphan and foregroundDeletion cannot be both set"));
        }
    }

    private static void ForbidNewFinalizers(JsonObject updated, JsonObject live, List<FieldError> errors)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in live.GetArray("finalizers") ?? [])
            known.Add(JsonTree.AsString(item) ?? "");
        var added = (updated.GetArray("finalizers") ?? []).Select(item => JsonTree.AsString(item) ?? "").Where(name => !known.Contains(name)).ToArray();
        if (added.Length == 0)
            return;
        var list = string.Join(", ", added.Select(name => $"\"{name}\""));
        errors.Add(FieldError.Forbidden(
            Metadata.Child("finalizers"),
            $"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{list}}}"));
    }
}
