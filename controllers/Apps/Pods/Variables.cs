using System.Globalization;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Platform.V1;

namespace ControlPlane.Controllers.Apps.Pods;

/// <summary>
/// The environment of an instance: what the platform knows (ports, identity), then secrets and configs, then the app's own variables, which win.
/// </summary>
internal static class Variables
{
    public static IReadOnlyList<EnvVar> Of(App app, AppSpec spec, string revision, int index)
    {
        var variables = new Dictionary<string, EnvVar>(StringComparer.Ordinal);
        void Set(EnvVar variable) => variables[variable.Name] = variable;
        void SetText(string name, string value) => Set(new EnvVar { Name = name, Value = value });

        SetText("CONTROLPLANE_APP", app.Metadata.Name!);
        SetText("CONTROLPLANE_APP_REVISION", revision);
        SetText("INSTANCE_INDEX", Text(index));
        Set(new EnvVar { Name = "HOST", ValueFrom = new EnvVarSource { FieldRef = new ObjectFieldSelector { FieldPath = "status.hostIP" } } });
        SetPorts(spec, SetText);
        foreach (var (_, source) in spec.Secrets.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            if (source is { Env: { } name, Key: { } key })
                Set(new EnvVar { Name = name, ValueFrom = new EnvVarSource { SecretKeyRef = new KeySelector { Name = source.Source, Key = key } } });
        }

        foreach (var (_, source) in spec.Configs.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            if (source is { Env: { } name, Key: { } key })
                Set(new EnvVar { Name = name, ValueFrom = new EnvVarSource { ConfigMapKeyRef = new KeySelector { Name = source.Source, Key = key } } });
        }

        foreach (var (name, value) in spec.Env)
            SetText(name, value);
        return [.. variables.Values];
    }

    private static void SetPorts(AppSpec spec, Action<string, string> set)
    {
        for (var i = 0; i < spec.Ports.Count; i++)
        {
            var port = Text(spec.Ports[i].ContainerPort);
            set("PORT" + Text(i), port);
            if (i == 0)
                set("PORT", port);
            if (spec.Ports[i].Name is { } name)
                set("PORT_" + name.ToUpperInvariant().Replace('-', '_'), port);
        }

        if (spec.Ports.Count > 0)
            set("PORTS", string.Join(',', spec.Ports.Select(static port => Text(port.ContainerPort))));
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
