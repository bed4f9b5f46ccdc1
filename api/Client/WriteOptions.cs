namespace ControlPlane.Api.Client;

/// <summary>How to write.</summary>
public sealed record WriteOptions
{
    /// <summary>Written by the default manager, for good, strictly validated.</summary>
    public static WriteOptions Default { get; } = new();

    /// <summary>Who owns the written fields; unset = derived from the user agent.</summary>
    public string? FieldManager { get; init; }

    /// <summary>Strict, Warn or Ignore: what unknown and doubled fields do.</summary>
    public string? FieldValidation { get; init; } = "Strict";

    /// <summary>Go through every step but store nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>Server-side apply only: take fields over from other managers instead of failing.</summary>
    public bool Force { get; init; }

    internal IReadOnlyList<KeyValuePair<string, string>> ToQuery(bool isApply = false)
    {
        var query = new QueryBuilder();
        query.Add("fieldManager", FieldManager);
        query.Add("fieldValidation", FieldValidation);
        query.Add("dryRun", DryRun ? "All" : null);
        if (isApply)
            query.Add("force", Force ? "true" : "false");
        return query.Parameters;
    }
}
