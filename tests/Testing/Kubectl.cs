using System.Diagnostics;

namespace ControlPlane.Testing;

/// <summary>Runs a real kubectl against a cluster, with a home directory of its own, so that no cache or configuration leaks in or out.</summary>
public sealed class Kubectl
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly string _program;
    private readonly string _kubeconfig;
    private readonly string _home;

    /// <param name="program">Path of the program.</param>
    /// <param name="kubeconfig">Whose credentials to use.</param>
    /// <param name="home">A directory that goes with the test.</param>
    public Kubectl(string program, string kubeconfig, string home)
    {
        _program = program;
        _kubeconfig = kubeconfig;
        _home = Path.Combine(home, "home-" + Path.GetFileName(program));
        Directory.CreateDirectory(_home);
    }

    /// <summary>The kubectl on PATH, versions installed beside it as kubectl.1.NN, and those that hack/test fetched; by path, the newest last.</summary>
    public static IReadOnlyList<string> Programs { get; } = Find();

    /// <summary>The newest version on this machine.</summary>
    public static string Newest => Programs.Count > 0
        ? Programs[^1]
        : throw new InvalidOperationException("No kubectl is installed; hack/test installs one.");

    /// <summary>Runs to the end.</summary>
    public Task<KubectlResult> RunAsync(params string[] arguments) => RunAsync(null, arguments);

    /// <summary>Runs to the end with something on standard input.</summary>
    public async Task<KubectlResult> RunWithInputAsync(string input, params string[] arguments) => await RunAsync(input, arguments);

    /// <summary>Runs, and fails the test unless the program succeeds.</summary>
    public async Task<string> MustAsync(params string[] arguments) => (await RunAsync(null, arguments)).MustSucceed();

    /// <summary>Applies a manifest, and fails the test unless that succeeds.</summary>
    public async Task<string> MustApplyAsync(string manifest, params string[] arguments) =>
        (await RunAsync(manifest, ["apply", "-f", "-", .. arguments])).MustSucceed();

    /// <summary>Starts without waiting, for what runs until it is stopped.</summary>
    public Process Start(params string[] arguments) => Process.Start(StartInfo(arguments, hasInput: false))!;

    private async Task<KubectlResult> RunAsync(string? input, string[] arguments)
    {
        using var process = Process.Start(StartInfo(arguments, input is not null))!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        using var deadline = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"kubectl {string.Join(' ', arguments)} did not end within {Patience}.\n{await error}");
        }
        return new KubectlResult($"{Path.GetFileName(_program)} {string.Join(' ', arguments)}", process.ExitCode, await output, await error);
    }

    private ProcessStartInfo StartInfo(string[] arguments, bool hasInput)
    {
        var start = new ProcessStartInfo(_program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = hasInput };
        start.Environment["KUBECONFIG"] = _kubeconfig;
        start.Environment["HOME"] = _home;
        start.Environment["EDITOR"] = "true";
        return start;
    }

    private static string[] Find()
    {
        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(static folder => new FileInfo(Path.Combine(folder, "kubectl"))).FirstOrDefault(static file => file.Exists);
        if (onPath is null)
            return [];
        var real = onPath.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? onPath.FullName;
        string?[] folders = [Path.GetDirectoryName(real), Environment.GetEnvironmentVariable("CONTROLPLANE_KUBECTLS")];
        var versioned = folders.Where(Directory.Exists).SelectMany(static folder => Directory.EnumerateFiles(folder!, "kubectl.1.*"));
        return [real, .. versioned.OrderBy(static file => Version.TryParse(Path.GetFileName(file)["kubectl.".Length..], out var version) ? version : new Version(0, 0))];
    }
}
