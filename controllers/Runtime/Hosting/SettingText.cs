using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ControlPlane.Controllers.Hosting;

/// <summary>Settings as text.</summary>
internal static class SettingText
{
    private static readonly (string Suffix, double Seconds)[] Units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600)];

    public static string Of<T>(T value) => value is TimeSpan time
        ? (time.TotalSeconds < 1 ? $"{time.TotalMilliseconds:0}ms" : $"{time.TotalSeconds:0.###}s")
        : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    public static bool TryParse<T>(string text, [MaybeNullWhen(false)] out T value) where T : IParsable<T>
    {
        if (typeof(T) != typeof(TimeSpan))
            return T.TryParse(text, CultureInfo.InvariantCulture, out value);
        var parsed = TryParseTime(text, out var time);
        value = parsed ? (T)(object)time : default;
        return parsed;
    }

    private static bool TryParseTime(string text, out TimeSpan time)
    {
        foreach (var (suffix, seconds) in Units)
        {
            if (!text.EndsWith(suffix, StringComparison.Ordinal))
                continue;
            if (!double.TryParse(text.AsSpan(0, text.Length - suffix.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                continue;
            time = TimeSpan.FromSeconds(number * seconds);
            return true;
        }
        time = default;
        return false;
    }
}
