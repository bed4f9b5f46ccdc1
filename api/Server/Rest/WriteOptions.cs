using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Validation;
using ControlPlane.Api.Server.Errors;

namespace ControlPlane.Api.Server.Rest;

/// <summary>What becomes of fields the schema does not know and of repeated ones.</summary>
internal enum FieldValidation
{
    /// <summary>Dropped, with a warning each.</summary>
    Warn,

    /// <summary>Dropped.</summary>
    Ignore,

    /// <summary>Refused.</summary>
    Strict,
}

/// <summary>The options of a create, update or patch.</summary>
/// <param name="DryRun">Go through every step, store nothing.</param>
/// <param name="FieldManager">Who owns what is written.</param>
/// <param name="FieldValidation">What becomes of unknown fields.</param>
/// <param name="Force">For apply: take fields from others.</param>
internal sealed record WriteOptions(bool DryRun, string FieldManager, FieldValidation FieldValidation, bool Force)
{
    private const int MaxManagerLength = 128;

    /// <param name="request">The request.</param>
    /// <param name="kind">Kind of the options in messages, e.g. CreateOptions.</param>
    /// <param name="isApply">Null for what is no patch.</param>
    public static WriteOptions Parse(HttpRequest request, string kind, bool? isApply = null)
    {
        var errors = new List<FieldError>();
        var query = request.Query;
        var dryRun = ParseDryRun(query["dryRun"], errors);
        var manager = query["fieldManager"].ToString();
        if (manager.Length > MaxManagerLength)
            errors.Add(FieldError.TooLong(FieldPath.Of("fieldManager"), MaxManagerLength));
        if (manager.Any(c => c is < ' ' or > '~' && !char.IsLetter(c)))
            errors.Add(FieldError.Invalid(FieldPath.Of("fieldManager"), manager, "should only contain printable characters"));
        var validation = ParseValidation(query["fieldValidation"].ToString(), errors);
        var force = ListOptions.ParseFlag(query, "force");
        if (isApply == false && force is not null)
            errors.Add(FieldError.Forbidden(FieldPath.Of("force"), "may not be specified for non-apply patch"));
        if (isApply == true && manager.Length == 0)
            errors.Add(FieldError.Required(FieldPath.Of("fieldManager"), "is required for apply patch"));
        if (errors.Count > 0)
            throw ApiErrors.InvalidOptions(kind, errors);
        return new WriteOptions(dryRun, manager.Length > 0 ? manager : ManagerOf(request), validation, force ?? false);
    }

    public static bool ParseDryRun(IEnumerable<string?> values, List<FieldError> errors)
    {
        string[] given = [.. values.OfType<string>().Where(v => v.Length > 0)];
        if (given.Any(v => v != "All"))
            errors.Add(FieldError.NotSupported(FieldPath.Of("dryRun"), new JsonArray([.. given.Select(v => (JsonNode)v)]), ["All"]));
        return given.Length > 0;
    }

    private static FieldValidation ParseValidation(string text, List<FieldError> errors)
    {
        switch (text)
        {
            case "" or "Warn":
                return FieldValidation.Warn;
            case "Ignore":
                return FieldValidation.Ignore;
            case "Strict":
                return FieldValidation.Strict;
            default:
                errors.Add(FieldError.NotSupported(FieldPath.Of("fieldValidation"), text, ["", "Ignore", "Strict", "Warn"]));
                return FieldValidation.Warn;
        }
    }

    /// <summary>Without a name of its own, a writer is known by its program.</summary>
    private static string ManagerOf(HttpRequest request)
    {
        var agent = request.Headers.UserAgent.ToString();
        var slash = agent.IndexOf('/', StringComparison.Ordinal);
        var name = slash < 0 ? agent : agent[..slash];
        return name.Length == 0 ? "unknown" : name.Length > MaxManagerLength ? name[..MaxManagerLength] : name;
    }
}
