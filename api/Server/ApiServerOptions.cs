namespace ControlPlane.Api.Server;

/// <summary>Everything that can be set. Flags, environment (<c>CONTROLPLANE_</c>) and files all bind to this; <see cref="Validate"/> reports every mistake at once.</summary>
public sealed record ApiServerOptions
{
    /// <summary>Addresses to listen on, e.g. https://127.0.0.1:6443; several separated by commas. Port 0 takes a free one.</summary>
    public string Listen { get; init; } = "https://127.0.0.1:6443";

    /// <summary>Server certificate (chain), PEM.</summary>
    public string TlsCert { get; init; } = "";

    /// <summary>Its private key, PEM.</summary>
    public string TlsKey { get; init; } = "";

    /// <summary>CA whose client certificates are identities: CN is the user, each O a group. PEM.</summary>
    public string ClientCa { get; init; } = "";

    /// <summary>Where objects are kept: embedded:///path or etcd://host:port[,host:port…].</summary>
    public string Storage { get; init; } = "";

    /// <summary>File with the keys that encrypt Secrets at rest; made when it is missing. Empty: beside the embedded store, or none for etcd.</summary>
    public string EncryptionKey { get; init; } = "";

    /// <summary>ECDSA P-256 key that signs service account tokens, PEM. Empty: no tokens are issued or accepted.</summary>
    public string ServiceAccountKey { get; init; } = "";

    /// <summary>Issuer of service account tokens.</summary>
    public string ServiceAccountIssuer { get; init; } = "https://kubernetes.default.svc";

    /// <summary>Certificate with which node agents are called, PEM.</summary>
    public string AgentClientCert { get; init; } = "";

    /// <summary>Its private key, PEM.</summary>
    public string AgentClientKey { get; init; } = "";

    /// <summary>CA of the agents' server certificates, PEM.</summary>
    public string ClusterCa { get; init; } = "";

    /// <summary>Reading requests served at once; more are told to come back.</summary>
    public int MaxReadsInFlight { get; init; } = 400;

    /// <summary>Writing requests served at once; more are told to come back.</summary>
    public int MaxWritesInFlight { get; init; } = 200;

    /// <summary>Events each resource remembers for watches, in bytes.</summary>
    public long WatchHistoryBytes { get; init; } = 8 << 20;

    /// <summary>Seconds between failing readiness and refusing requests when the server stops.</summary>
    public double ShutdownDelaySeconds { get; init; }

    /// <summary>Every mistake, one sentence each; empty when the options can be used.</summary>
    public IReadOnlyList<string> Validate()
    {
        var problems = new List<string>();
        foreach (var address in Listen.Split(','))
        {
            if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttps)
                problems.Add($"--listen: \"{address}\" is no https:// address");
        }
        NeedFile(problems, "--tls-cert", TlsCert);
        NeedFile(problems, "--tls-key", TlsKey);
        NeedFile(problems, "--client-ca", ClientCa);
        if (!Storage.StartsWith("embedded://", StringComparison.Ordinal) && !Storage.StartsWith("etcd://", StringComparison.Ordinal) && !Storage.StartsWith("etcds://", StringComparison.Ordinal))
            problems.Add($"--storage: \"{Storage}\" is neither embedded:///path nor etcd://host:port");
        OptionalFile(problems, "--service-account-key", ServiceAccountKey);
        OptionalFile(problems, "--agent-client-cert", AgentClientCert);
        OptionalFile(problems, "--agent-client-key", AgentClientKey);
        OptionalFile(problems, "--cluster-ca", ClusterCa);
        if (AgentClientCert.Length > 0 && (AgentClientKey.Length == 0 || ClusterCa.Length == 0))
            problems.Add("--agent-client-cert needs --agent-client-key and --cluster-ca");
        if (MaxReadsInFlight < 1 || MaxWritesInFlight < 1)
            problems.Add("--max-reads-in-flight and --max-writes-in-flight must be at least 1");
        return problems;
    }

    private static void NeedFile(List<string> problems, string flag, string path)
    {
        if (path.Length == 0)
            problems.Add($"{flag} is required");
        else
            OptionalFile(problems, flag, path);
    }

    private static void OptionalFile(List<string> problems, string flag, string path)
    {
        if (path.Length > 0 && !File.Exists(path))
            problems.Add($"{flag}: {path} does not exist");
    }
}
