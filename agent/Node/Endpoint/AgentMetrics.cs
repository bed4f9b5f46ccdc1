using System.Diagnostics;
using System.Globalization;
using System.Text;
using ControlPlane.Agent.Pods;

namespace ControlPlane.Agent.Endpoint;

/// <summary>The agent's own numbers in the Prometheus text format.</summary>
internal sealed class AgentMetrics(PodManager pods)
{
    public string Write()
    {
        var text = new StringBuilder();
        var states = pods.Workers.Select(w => w.State).ToList();
        Begin(text, "controlplane_agent_pods", "gauge", "Pods that the agent looks after, by the stage of their sandbox.");
        foreach (var stage in Enum.GetValues<SandboxStage>())
            Line(text, $"controlplane_agent_pods{{stage=\"{stage}\"}}", states.Count(s => s.Sandbox.Stage == stage));
        Begin(text, "controlplane_agent_containers_running", "gauge", "Containers that run.");
        Line(text, "controlplane_agent_containers_running", states.Sum(s => s.Containers.Values.Count(c => c.IsRunning)));
        Begin(text, "controlplane_agent_container_restarts", "gauge", "Restarts of the containers that there are.");
        Line(text, "controlplane_agent_container_restarts", states.Sum(s => s.Containers.Values.Sum(c => c.Run?.Attempt ?? 0)));
        using var process = Process.GetCurrentProcess();
        Begin(text, "process_cpu_seconds_total", "counter", "CPU time of the agent.");
        Line(text, "process_cpu_seconds_total", process.TotalProcessorTime.TotalSeconds);
        Begin(text, "process_resident_memory_bytes", "gauge", "Resident memory of the agent.");
        Line(text, "process_resident_memory_bytes", process.WorkingSet64);
        return text.ToString();
    }

    private static void Begin(StringBuilder text, string name, string type, string help) =>
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");

    private static void Line(StringBuilder text, string name, double value) => text.Append(CultureInfo.InvariantCulture, $"{name} {value}\n");
}
