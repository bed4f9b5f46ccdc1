using System.Globalization;
using ControlPlane.Api.Client;
using ControlPlane.Controllers.Hosting;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Controllers;

/// <summary>Collects the controllers of a process. Each controller project extends it by one <c>AddXController</c>.</summary>
public sealed class ControllerHostBuilder(ControllerHostOptions options)
{
    private readonly List<ControllerDefinition> _controllers = [];
    private readonly SortedDictionary<string, DeclaredSetting> _settings = new(StringComparer.Ordinal);
    private readonly List<Action<ILoggingBuilder>> _logging = [];

    /// <summary>How the process runs.</summary>
    public ControllerHostOptions Options => options;

    /// <summary>Adds a controller. It runs if the options select it.</summary>
    /// <param name="name">Unique; DNS label. Its lease is <c>controlplane-NAME</c>.</param>
    /// <param name="describe">Says what it watches and how it acts.</param>
    public ControllerHostBuilder AddController(string name, Action<ControllerBuilder> describe)
    {
        if (_controllers.Any(c => c.Name == name))
            throw new InvalidOperationException($"There are two controllers called {name}.");
        var builder = new ControllerBuilder(name);
        describe(builder);
        _controllers.Add(builder.Build());
        return this;
    }

    /// <summary>Declares a setting (<c>--name=value</c>) and gives its value. Times are written 500ms, 20s, 5m or 1h.</summary>
    /// <exception cref="ClientConfigException">The given value is no <typeparamref name="T"/>.</exception>
    public T Setting<T>(string name, T defaultValue, string help) where T : IParsable<T>
    {
        _settings[name] = new DeclaredSetting(name, SettingText.Of(defaultValue), help);
        if (!options.Settings.TryGetValue(name, out var text))
            return defaultValue;
        return SettingText.TryParse<T>(text, out var value) ? value : throw new ClientConfigException($"--{name}={text} is no {typeof(T).Name}.");
    }

    /// <summary>Changes where logs go; the console unless said.</summary>
    public ControllerHostBuilder ConfigureLogging(Action<ILoggingBuilder> configure)
    {
        _logging.Add(configure);
        return this;
    }

    /// <summary>Checks everything and makes the host.</summary>
    /// <exception cref="ClientConfigException">Says all that is wrong.</exception>
    public ControllerHost Build()
    {
        var faults = options.Settings.Keys.Where(name => !_settings.ContainsKey(name)).Select(static name => $"There is no setting --{name}.").ToList();
        var selected = ControllerSelection.Select(_controllers, options.Controllers, faults);
        if (faults.Count > 0)
            throw new ClientConfigException(string.Join(' ', faults));
        return new ControllerHost(options, options.Client ?? ClientConfig.Find(), selected, _logging);
    }

    internal string Help() => CommandLine.Help(_controllers.Select(static c => c.Name), _settings.Values);
}
