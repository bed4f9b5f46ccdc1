using ControlPlane.Api.Meta;

namespace ControlPlane.Controllers.Reporting;

/// <summary>Status conditions: one per type, whose transition time moves only when the status does.</summary>
public static class ConditionList
{
    /// <summary>The condition of a type, or <c>null</c>.</summary>
    public static Condition? Find(this IReadOnlyList<Condition> conditions, string type) => conditions.FirstOrDefault(c => c.Type == type);

    /// <summary>Whether the condition of a type is True.</summary>
    public static bool IsTrue(this IReadOnlyList<Condition> conditions, string type) => conditions.Find(type)?.Status == "True";

    /// <summary>The list with a condition set, in place where its type already is.</summary>
    /// <param name="conditions">As they are.</param>
    /// <param name="condition">The new one; its transition time is decided here.</param>
    /// <param name="now">The transition time if its status differs.</param>
    public static IReadOnlyList<Condition> With(this IReadOnlyList<Condition> conditions, Condition condition, DateTimeOffset now)
    {
        var old = conditions.Find(condition.Type);
        var since = old is not null && old.Status == condition.Status ? old.LastTransitionTime ?? now : now;
        var made = condition with { LastTransitionTime = since };
        return old is null ? [.. conditions, made] : [.. conditions.Select(c => c.Type == made.Type ? made : c)];
    }

    /// <summary>The list without a type.</summary>
    public static IReadOnlyList<Condition> Without(this IReadOnlyList<Condition> conditions, string type) => [.. conditions.Where(c => c.Type != type)];
}
