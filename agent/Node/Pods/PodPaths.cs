namespace ControlPlane.Agent.Pods;

/// <summary>Where things of one pod are on disk.</summary>
internal sealed class PodPaths(string podsRoot, string uid)
{
    /// <summary>The pod's directory; also where its shim lives. Readable by root only.</summary>
    public string Root { get; } = Path.Combine(podsRoot, uid);

    public string State => Path.Combine(Root, "state.json");

    /// <summary>Generated files that containers see below /etc.</summary>
    public string Etc => Path.Combine(Root, "etc");

    public string Logs => Path.Combine(Root, "logs");

    public string Volumes => Path.Combine(Root, "volumes");

    public string Bundles => Path.Combine(Root, "bundles");

    public string Volume(string name) => Path.Combine(Volumes, name);

    public string Bundle(string runId) => Path.Combine(Bundles, runId);

    /// <summary>The file that a container writes its last words to.</summary>
    public string TerminationLog(string runId) => Path.Combine(Bundle(runId), "termination-log");

    public string Log(string runId) => Path.Combine(Logs, runId + ".log");
}
