namespace ControlPlane.Agent.Networking.Programs;

/// <summary>The seam to the network programs of the system (nft, ip, CNI plugins).</summary>
internal interface IProgramRunner
{
    /// <summary>Runs a program to its end. A program that outlives the deadline is killed and that is an error.</summary>
    /// <exception cref="NetworkException">The program is missing, or did not end in time.</exception>
    Task<ProgramResult> RunAsync(
        string program, IReadOnlyList<string> arguments, string? input, IReadOnlyDictionary<string, string>? environment,
        CancellationToken cancellation);
}
