using System.Text;
using ControlPlane.Api.Client;

namespace ControlPlane.Controllers.Hosting;

/// <summary><c>--name=value</c>, <c>--name value</c>, or <c>--name</c> alone for true; <c>CONTROLPLANE_NAME</c> in the environment where no flag is given.</summary>
internal static class CommandLine
{
    private static readonly DeclaredSetting[] Common =
    [
        new("kubeconfig", "", "Where the API is and who asks; else $KUBECONFIG, the pod's service account, ~/.kube/config."),
        new("context", "", "Context of the kubeconfig; else its current one."),
        new("controllers", "*", "Which controllers: names, * for all, -name for all but."),
        new("leader-elect", "true", "Whether a controller acts only while this process holds its lease."),
        new("listen", "", "Loopback address and port for /healthz, /readyz and /metrics."),
    ];

    public static ControllerHostOptions Parse(IReadOnlyList<string> args)
    {
        var flags = ReadFlags(args);
        if (flags.Remove("help"))
            return new ControllerHostOptions { Help = true };
        var kubeconfig = Take(flags, "kubeconfig");
        var context = Take(flags, "context");
        var leaderElect = Take(flags, "leader-elect") ?? "true";
        return new ControllerHostOptions
        {
            Client = ClientConfig.Find(kubeconfig, context),
            Controllers = (Take(flags, "controllers") ?? "*").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            LeaderElect = bool.TryParse(leaderElect, out var elect) ? elect : throw new ClientConfigException($"--leader-elect={leaderElect} is neither true nor false."),
            Listen = Take(flags, "listen"),
            Settings = flags,
        };
    }

    public static string Help(IEnumerable<string> controllers, IEnumerable<DeclaredSetting> settings)
    {
        var text = new StringBuilder();
        text.AppendLine($"Controllers: {string.Join(", ", controllers)}").AppendLine();
        foreach (var setting in Common.Concat(settings))
            text.AppendLine($"  --{setting.Name}{(setting.Default.Length > 0 ? "=" + setting.Default : ""),-32} {setting.Help}");
        return text.ToString();
    }

    private static Dictionary<string, string> ReadFlags(IReadOnlyList<string> args)
    {
        var flags = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < args.Count; i++)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal) || args[i].Length == 2)
                throw new ClientConfigException($"{args[i]} is no flag; flags are written --name=value.");
            var (name, value) = args[i].Split('=', 2) is [var left, var right] ? (left[2..], right) : (args[i][2..], null);
            if (value is null && i + 1 < args.Count && !args[i + 1].StartsWith("--", StringComparison.Ordinal))
                value = args[++i];
            flags[name] = value ?? "true";
        }
        return flags;
    }

    private static string? Take(Dictionary<string, string> flags, string name)
    {
        if (flags.Remove(name, out var value))
            return value;
        return Environment.GetEnvironmentVariable("CONTROLPLANE_" + name.Replace('-', '_').ToUpperInvariant());
    }
}
