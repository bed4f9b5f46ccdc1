using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Agent.Networking.Programs;

namespace ControlPlane.Agent.Networking.Cni;

/// <summary>Calls one plugin program by the CNI protocol: configuration on stdin, parameters in the environment.</summary>
internal sealed class CniPlugin(IProgramRunner programs, CniRunnerOptions options)
{
    /// <summary>The plugin's result; null for commands that have none.</summary>
    public async Task<JsonObject?> CallAsync(
        string command, JsonObject configuration, IReadOnlyDictionary<string, string> parameters, CancellationToken cancellation)
    {
        var type = configuration["type"]!.GetValue<string>();
        var environment = new Dictionary<string, string>(parameters)
        {
            ["CNI_COMMAND"] = command,
            ["CNI_PATH"] = string.Join(':', options.PluginDirectories),
        };
        var result = await programs.RunAsync(Find(type), [], configuration.ToJsonString(), environment, cancellation);
        if (result.ExitCode != 0)
            throw Failure(type, command, result);
        if (string.IsNullOrWhiteSpace(result.Output))
            return null;
        try
        {
            return JsonNode.Parse(result.Output) as JsonObject;
        }
        catch (JsonException e)
        {
            throw new CniException(type, command, 0, $"its result is not JSON: {e.Message}");
        }
    }

    private string Find(string type) =>
        options.PluginDirectories.Select(directory => Path.Combine(directory, type)).FirstOrDefault(File.Exists)
        ?? throw new CniException(type, "run", 0, $"it is in none of {string.Join(", ", options.PluginDirectories)}");

    // The error object is on stdout; stderr is free text.
    private static CniException Failure(string type, string command, ProgramResult result)
    {
        try
        {
            if (JsonNode.Parse(result.Output) is JsonObject error)
            {
                var message = string.Join(": ", new[] { error["msg"], error["details"] }
                    .Select(node => node?.ToString()).Where(text => !string.IsNullOrEmpty(text)));
                return new CniException(type, command, error["code"]?.GetValue<int>() ?? 0, message);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not the protocol's words; whatever it said is passed on.
        }

        return new CniException(type, command, 0, result.Complaint);
    }
}
