using ControlPlane.Agent.Networking.Programs;

namespace ControlPlane.Node.Tests.Networking;

/// <summary>Runs the system's programs inside a network namespace, as an agent that lives there would.</summary>
internal sealed class NamespaceRunner(string namespacePath) : IProgramRunner
{
    public List<string> Inputs { get; } = [];

    public Task<ProgramResult> RunAsync(
        string program, IReadOnlyList<string> arguments, string? input, IReadOnlyDictionary<string, string>? environment,
        CancellationToken cancellation)
    {
        lock (Inputs)
            Inputs.Add(input ?? "");
        return ProgramRunner.Instance.RunAsync(
            "nsenter", [$"--net={namespacePath}", "--", program, .. arguments], input, environment, cancellation);
    }

    public async Task<string> RunAsync(string program, params string[] arguments)
    {
        var result = await RunAsync(program, arguments, null, null, CancellationToken.None);
        return result.ExitCode == 0 ? result.Output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {result.Complaint}");
    }
}
