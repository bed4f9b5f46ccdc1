using Microsoft.Extensions.Logging;

namespace ControlPlane.Controllers.Hosting;

/// <summary>One line per message on the console, unless told otherwise.</summary>
internal static class Logging
{
    public static void Configure(ILoggingBuilder builder, IReadOnlyList<Action<ILoggingBuilder>> changes)
    {
        builder.SetMinimumLevel(LogLevel.Information);
        foreach (var change in changes)
            change(builder);
        if (changes.Count > 0)
            return;
        builder.AddSimpleConsole(options =>
        {
            options.SingleLine = true;
            options.UseUtcTimestamp = true;
            options.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
        });
    }
}
