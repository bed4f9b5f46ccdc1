using System.Globalization;
using ControlPlane.Api.Machinery.Selection;
using ControlPlane.Api.Machinery.Validation;
using ControlPlane.Api.Server.Errors;

namespace ControlPlane.Api.Server.Rest;

/// <summary>How exactly a list or watch follows its resourceVersion.</summary>
internal enum VersionMatch
{
    Unset,
    NotOlderThan,
    Exact,
}

/// <summary>The options of a list, watch or deletecollection.</summary>
internal sealed record ListOptions
{
    public LabelSelector Labels { get; private init; } = LabelSelector.Everything;
    public FieldSelector Fields { get; private init; } = FieldSelector.Everything;

    /// <summary>Null = unset.</summary>
    public long? Version { get; private init; }
    public VersionMatch Match { get; private init; }
    public int Limit { get; private init; }
    public string? Continue { get; private init; }
    public int? TimeoutSeconds { get; private init; }
    public bool AllowBookmarks { get; private init; }

    /// <summary>Null = unset.</summary>
    public bool? SendInitialEvents { get; private init; }

    public static ListOptions Parse(IQueryCollection query, bool watch)
    {
        var options = new ListOptions
        {
            Labels = LabelSelector.Parse(query["labelSelector"].ToString()),
            Fields = FieldSelector.Parse(query["fieldSelector"].ToString()),
            Version = ParseVersion(query["resourceVersion"].ToString()),
            Match = ParseMatch(query["resourceVersionMatch"].ToString()),
            Limit = (int)Math.Clamp(ParseNumber(query, "limit") ?? 0, 0, int.MaxValue),
            Continue = query["continue"].ToString() is { Length: > 0 } token ? token : null,
            TimeoutSeconds = (int?)ParseNumber(query, "timeoutSeconds"),
            AllowBookmarks = ParseFlag(query, "allowWatchBookmarks") ?? false,
            SendInitialEvents = ParseFlag(query, "sendInitialEvents"),
        };
        var errors = new List<FieldError>();
        if (watch)
            options.CheckWatch(errors);
        else
            options.CheckList(errors);
        return errors.Count == 0 ? options : throw ApiErrors.InvalidOptions("ListOptions", errors);
    }

    private void CheckList(List<FieldError> errors)
    {
        if (SendInitialEvents is not null)
            Forbid(errors, "sendInitialEvents", "sendInitialEvents is forbidden for list");
        if (Match == VersionMatch.Unset)
            return;
        if (Continue is not null)
            Forbid(errors, "resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided");
        if (Version is null)
            Forbid(errors, "resourceVersionMatch", "resourceVersionMatch is forbidden unless resourceVersion is provided");
        else if (Version == 0 && Match == VersionMatch.Exact)
            Forbid(errors, "resourceVersionMatch", "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
    }

    private void CheckWatch(List<FieldError> errors)
    {
        if (SendInitialEvents is not null && Match != VersionMatch.NotOlderThan)
            Forbid(errors, "resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
        if (SendInitialEvents is null && Match != VersionMatch.Unset)
            Forbid(errors, "resourceVersionMatch", "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
        if (SendInitialEvents == true && !AllowBookmarks)
            Forbid(errors, "allowWatchBookmarks", "sendInitialEvents requires setting allowWatchBookmarks to true");
    }

    private static void Forbid(List<FieldError> errors, string field, string why) => errors.Add(FieldError.Forbidden(FieldPath.Of(field), why));

    /// <summary>A resourceVersion as a client gives it: decimal; empty is unset.</summary>
    public static long? ParseVersion(string text)
    {
        if (text.Length == 0)
            return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : throw ApiErrors.InvalidOptions("ListOptions", FieldError.Invalid(FieldPath.Of("resourceVersion"), text, "must be a decimal number, as the server gave it"));
    }

    private static VersionMatch ParseMatch(string text) => text switch
    {
        "" => VersionMatch.Unset,
        "NotOlderThan" => VersionMatch.NotOlderThan,
        "Exact" => VersionMatch.Exact,
        _ => throw ApiErrors.InvalidOptions("ListOptions", FieldError.NotSupported(FieldPath.Of("resourceVersionMatch"), text, ["Exact", "NotOlderThan"])),
    };

    private static long? ParseNumber(IQueryCollection query, string name)
    {
        var text = query[name].ToString();
        if (text.Length == 0)
            return null;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw ApiErrors.BadRequest($"{name} must be an integer, not \"{text}\"");
    }

    /// <summary>Absent or empty = null; a word other than false or 0 counts as true, as upstream reads it.</summary>
    public static bool? ParseFlag(IQueryCollection query, string name) => query[name].ToString() switch
    {
        "" => query.ContainsKey(name) ? true : null,
        "false" or "0" => false,
        _ => true,
    };
}
