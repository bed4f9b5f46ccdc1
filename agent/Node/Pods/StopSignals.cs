using System.Globalization;
using ControlPlane.Agent.Linux;

namespace ControlPlane.Agent.Pods;

/// <summary>Signals as images name them: SIGQUIT, QUIT, 3, SIGRTMIN+3.</summary>
internal static class StopSignals
{
    private const int FirstRealTime = 34;
    private const int Last = 64;

    private static readonly Dictionary<string, int> Numbers = new(StringComparer.OrdinalIgnoreCase)
    {
        ["HUP"] = 1, ["INT"] = 2, ["QUIT"] = 3, ["ILL"] = 4, ["TRAP"] = 5, ["ABRT"] = 6, ["BUS"] = 7, ["FPE"] = 8, ["KILL"] = 9,
        ["USR1"] = 10, ["SEGV"] = 11, ["USR2"] = 12, ["PIPE"] = 13, ["ALRM"] = 14, ["TERM"] = 15, ["CONT"] = 18, ["STOP"] = 19,
        ["TSTP"] = 20, ["TTIN"] = 21, ["TTOU"] = 22, ["WINCH"] = 28, ["PWR"] = 30,
    };

    /// <summary>The signal's number; SIGTERM when there is none or nobody knows it.</summary>
    public static int Parse(string text)
    {
        var name = text.StartsWith("SIG", StringComparison.OrdinalIgnoreCase) ? text[3..] : text;
        if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return number is >= 1 and <= Last ? number : Signal.Terminate;
        if (name.StartsWith("RTMIN+", StringComparison.OrdinalIgnoreCase)
            && int.TryParse(name.AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
            return FirstRealTime + offset <= Last ? FirstRealTime + offset : Signal.Terminate;
        return Numbers.GetValueOrDefault(name, Signal.Terminate);
    }
}
