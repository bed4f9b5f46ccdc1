using Microsoft.Extensions.Configuration;

namespace ControlPlane.Api.Server.Hosting;

/// <summary>Flags (<c>--tls-cert FILE</c>), environment (<c>CONTROLPLANE_TLSCERT</c>) and a JSON file (<c>--config FILE</c>) as options; flags win.</summary>
internal static class CommandLine
{
    /// <exception cref="ArgumentException">A flag is unknown or a value is of the wrong type.</exception>
    public static ApiServerOptions Parse(string[] args)
    {
        var flags = new ConfigurationBuilder().AddCommandLine([.. args.Select(Canonical)]).Build();
        var builder = new ConfigurationBuilder();
        if (flags["config"] is { } file)
            builder.AddJsonFile(Path.GetFullPath(file), optional: false);
        builder.AddEnvironmentVariables("CONTROLPLANE_").AddConfiguration(flags);
        var known = typeof(ApiServerOptions).GetProperties().Select(p => p.Name).Append("config").ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (flags.AsEnumerable().FirstOrDefault(p => !known.Contains(p.Key)) is { Key: { } unknown })
            throw new ArgumentException($"unknown flag --{unknown}; known are {string.Join(", ", known.Select(FlagOf))}");
        try
        {
            return builder.Build().Get<ApiServerOptions>() ?? new ApiServerOptions();
        }
        catch (InvalidOperationException error)
        {
            throw new ArgumentException(error.InnerException?.Message ?? error.Message, error);
        }
    }

    /// <summary><c>--tls-cert</c> names the option TlsCert.</summary>
    private static string Canonical(string argument)
    {
        if (!argument.StartsWith("--", StringComparison.Ordinal))
            return argument;
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? argument : argument[..equals];
        return "--" + name[2..].Replace("-", "", StringComparison.Ordinal) + argument[name.Length..];
    }

    private static string FlagOf(string property) =>
        "--" + string.Concat(property.Select((c, i) => char.IsUpper(c) ? (i > 0 ? "-" : "") + char.ToLowerInvariant(c) : c.ToString()));
}
