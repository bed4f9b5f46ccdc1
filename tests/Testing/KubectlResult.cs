namespace ControlPlane.Testing;

/// <summary>How a run of kubectl ended.</summary>
/// <param name="Command">What was run.</param>
/// <param name="ExitCode">0 = success.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
public sealed record KubectlResult(string Command, int ExitCode, string Output, string Error)
{
    /// <summary>Standard output, or a failed test that shows everything.</summary>
    public string MustSucceed() => ExitCode == 0 ? Output : throw new InvalidOperationException(ToString());

    /// <inheritdoc/>
    public override string ToString() => $"{Command}\nexit code {ExitCode}\n--- output\n{Output}\n--- error\n{Error}";
}
