namespace ControlPlane.Agent.Networking.Programs;

internal sealed record ProgramResult(int ExitCode, string Output, string Errors)
{
    /// <summary>What the program said about its failure, in one line.</summary>
    public string Complaint
    {
        get
        {
            var text = string.IsNullOrWhiteSpace(Errors) ? Output : Errors;
            return text.Trim().ReplaceLineEndings(" ") is { Length: > 0 } said ? said : $"exit code {ExitCode}";
        }
    }
}
