using System.Globalization;

namespace ControlPlane.Api.Server.Printing;

/// <summary>Durations as people read them: two units at most, coarser with age.</summary>
internal static class HumanDuration
{
    private const int MinutesPerDay = 24 * 60;
    private const int DaysPerYear = 365;

    public static string Format(TimeSpan duration)
    {
        var seconds = (long)duration.TotalSeconds;
        if (seconds < -1)
            return "<invalid>";
        if (seconds < 0)
            return "0s";
        var minutes = seconds / 60;
        var hours = minutes / 60;
        var days = hours / 24;
        if (seconds < 120)
            return Unit(seconds, "s");
        if (minutes < 10)
            return Units(minutes, "m", seconds % 60, "s");
        if (minutes < 180)
            return Unit(minutes, "m");
        if (hours < 8)
            return Units(hours, "h", minutes % 60, "m");
        if (hours < 48)
            return Unit(hours, "h");
        if (days < 8)
            return Units(days, "d", minutes % MinutesPerDay / 60, "h");
        if (days < 2 * DaysPerYear)
            return Unit(days, "d");
        return days < 8 * DaysPerYear ? Units(days / DaysPerYear, "y", days % DaysPerYear, "d") : Unit(days / DaysPerYear, "y");
    }

    /// <summary>The age of an RFC 3339 time.</summary>
    public static string Since(string? time, DateTimeOffset now)
    {
        if (string.IsNullOrEmpty(time))
            return "<unknown>";
        return DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var then) ? Format(now - then) : "<invalid>";
    }

    private static string Unit(long value, string unit) => value.ToString(CultureInfo.InvariantCulture) + unit;

    private static string Units(long large, string largeUnit, long small, string smallUnit) =>
        small == 0 ? Unit(large, largeUnit) : Unit(large, largeUnit) + Unit(small, smallUnit);
}
