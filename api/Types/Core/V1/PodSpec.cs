using System.Text.Json.Serialization;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Schema;
using ControlPlane.Api.Values;

namespace ControlPlane.Api.Core.V1;

/// <summary>The desired state of a pod.</summary>
public sealed record PodSpec
{
    /// <summary>Containers that run for the pod's life.</summary>
    [ListMap("name"), Items(1, 100)]
    public IReadOnlyList<Container> Containers { get; init; } = [];

    /// <summary>Containers that run one after the other, each to success, before the others start.</summary>
    [ListMap("name"), Items(0, 100)]
    public IReadOnlyList<Container> InitContainers { get; init; } = [];

    /// <summary>Volumes that containers can mount.</summary>
    [ListMap("name"), Items(0, 200)]
    public IReadOnlyList<Volume> Volumes { get; init; } = [];

    /// <summary>Whether containers are restarted when they end: Always, OnFailure or Never.</summary>
    [Default("\"Always\""), Allowed("Always", "OnFailure", "Never")]
    public string? RestartPolicy { get; init; }

    /// <summary>Seconds between SIGTERM and SIGKILL when the pod is deleted.</summary>
    [Default("30"), Minimum(0)]
    public long? TerminationGracePeriodSeconds { get; init; }

    /// <summary>Seconds after which the pod is ended as failed.</summary>
    [Minimum(1)]
    public long? ActiveDeadlineSeconds { get; init; }

    /// <summary>ClusterFirst: names of the cluster, then the node's resolvers. Default: the node's resolvers. None: an empty resolv.conf.</summary>
    [Default("\"ClusterFirst\""), Allowed("ClusterFirst", "Default", "None")]
    public string? DnsPolicy { get; init; }

    /// <summary>Labels that the node must have.</summary>
    [Atomic]
    public IReadOnlyDictionary<string, string> NodeSelector { get; init; } = Empty.StringMap;

    /// <summary>The node; set by the scheduler.</summary>
    public string? NodeName { get; init; }

    /// <summary>Identity of the pod's programs.</summary>
    public string? ServiceAccountName { get; init; }

    /// <summary>Whether a token of the service account is mounted.</summary>
    public bool? AutomountServiceAccountToken { get; init; }

    /// <summary>Secrets with registry credentials.</summary>
    [ListMap("name")]
    public IReadOnlyList<LocalObjectReference> ImagePullSecrets { get; init; } = [];

    /// <summary>Host name inside the pod. Unset: the pod's name.</summary>
    [Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"), Length(1, 63)]
    public string? Hostname { get; init; }

    /// <summary>Security settings of all containers.</summary>
    public PodSecurityContext? SecurityContext { get; init; }

    /// <summary>Taints that do not keep the pod away.</summary>
    public IReadOnlyList<Toleration> Tolerations { get; init; } = [];

    /// <summary>Which scheduler places the pod.</summary>
    [Default("\"default-scheduler\"")]
    public string? SchedulerName { get; init; }

    /// <summary>Whether environment variables with the addresses of the namespace's VIPs are set.</summary>
    [Default("true")]
    public bool? EnableServiceLinks { get; init; }
}

/// <summary>A program in its own process and mount namespaces.</summary>
public sealed record Container
{
    /// <summary>Name, unique in the pod; a DNS label.</summary>
    [Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"), Length(1, 63)]
    public required string Name { get; init; }

    /// <summary>Image reference.</summary>
    public string? Image { get; init; }

    /// <summary>Always, IfNotPresent or Never. Unset: Always for the tag latest, else IfNotPresent.</summary>
    [Allowed("Always", "IfNotPresent", "Never")]
    public string? ImagePullPolicy { get; init; }

    /// <summary>Program in place of the image's entrypoint; $(NAME) is replaced by environment variables.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>Arguments in place of the image's.</summary>
    public IReadOnlyList<string> Args { get; init; } = [];

    /// <summary>Working directory.</summary>
    public string? WorkingDir { get; init; }

    /// <summary>Ports the program listens on.</summary>
    [ListMap("containerPort", "protocol")]
    public IReadOnlyList<ContainerPort> Ports { get; init; } = [];

    /// <summary>Environment variables.</summary>
    [ListMap("name")]
    public IReadOnlyList<EnvVar> Env { get; init; } = [];

    /// <summary>Secrets and ConfigMaps whose keys all become environment variables.</summary>
    public IReadOnlyList<EnvFromSource> EnvFrom { get; init; } = [];

    /// <summary>Resources that are reserved and that are the limit.</summary>
    public ResourceRequirements? Resources { get; init; }

    /// <summary>Volumes in the file system.</summary>
    [ListMap("mountPath")]
    public IReadOnlyList<VolumeMount> VolumeMounts { get; init; } = [];

    /// <summary>Restarts the container when it keeps failing.</summary>
    public Probe? LivenessProbe { get; init; }

    /// <summary>Decides whether the pod takes traffic.</summary>
    public Probe? ReadinessProbe { get; init; }

    /// <summary>Holds back the other probes until it succeeds once; restarts the container when it does not.</summary>
    public Probe? StartupProbe { get; init; }

    /// <summary>Security settings.</summary>
    public SecurityContext? SecurityContext { get; init; }

    /// <summary>Whether stdin is open.</summary>
    public bool? Stdin { get; init; }

    /// <summary>Whether stdin closes after the first attach.</summary>
    public bool? StdinOnce { get; init; }

    /// <summary>Whether the program has a terminal.</summary>
    public bool? Tty { get; init; }

    /// <summary>File whose content becomes the message of the end.</summary>
    [Default("\"/dev/termination-log\"")]
    public string? TerminationMessagePath { get; init; }

    /// <summary>File: only that file. FallbackToLogsOnError: the log's end when the file is empty and the program failed.</summary>
    [Default("\"File\""), Allowed("File", "FallbackToLogsOnError")]
    public string? TerminationMessagePolicy { get; init; }
}

/// <summary>A port of a container.</summary>
public sealed record ContainerPort
{
    /// <summary>Name.</summary>
    [Length(1, 63)]
    public string? Name { get; init; }

    /// <summary>Port in the pod.</summary>
    [Minimum(1), Maximum(65535)]
    [JsonPropertyName("containerPort")]
    public required int ContainerPortNumber { get; init; }

    /// <summary>Port of the node that leads to it.</summary>
    [Minimum(1), Maximum(65535)]
    public int? HostPort { get; init; }

    /// <summary>TCP or UDP.</summary>
    [Default("\"TCP\""), Allowed("TCP", "UDP")]
    public string? Protocol { get; init; }
}

/// <summary>An environment variable.</summary>
public sealed record EnvVar
{
    /// <summary>Name.</summary>
    [Length(1, 4096)]
    public required string Name { get; init; }

    /// <summary>Value; $(NAME) is replaced by earlier variables.</summary>
    public string? Value { get; init; }

    /// <summary>Where the value comes from instead.</summary>
    public EnvVarSource? ValueFrom { get; init; }
}

/// <summary>Where a variable's value comes from; exactly one.</summary>
public sealed record EnvVarSource
{
    /// <summary>A key of a Secret.</summary>
    public KeySelector? SecretKeyRef { get; init; }

    /// <summary>A key of a ConfigMap.</summary>
    public KeySelector? ConfigMapKeyRef { get; init; }

    /// <summary>A field of the pod.</summary>
    public ObjectFieldSelector? FieldRef { get; init; }
}

/// <summary>A key of a Secret or ConfigMap of the pod's namespace.</summary>
[Atomic]
public sealed record KeySelector
{
    /// <summary>Name of the object.</summary>
    public string? Name { get; init; }

    /// <summary>Key.</summary>
    public required string Key { get; init; }

    /// <summary>Whether the pod starts without it.</summary>
    public bool? Optional { get; init; }
}

/// <summary>A field of the pod: metadata.name, .namespace, .uid, .labels['k'], .annotations['k'], spec.nodeName, status.podIP, status.hostIP.</summary>
[Atomic]
public sealed record ObjectFieldSelector
{
    /// <summary>API version of the path.</summary>
    [Default("\"v1\"")]
    public string? ApiVersion { get; init; }

    /// <summary>Path of the field.</summary>
    public required string FieldPath { get; init; }
}

/// <summary>All keys of a Secret or ConfigMap.</summary>
public sealed record EnvFromSource
{
    /// <summary>Put before each name.</summary>
    public string? Prefix { get; init; }

    /// <summary>A ConfigMap.</summary>
    public EnvSource? ConfigMapRef { get; init; }

    /// <summary>A Secret.</summary>
    public EnvSource? SecretRef { get; init; }
}

/// <summary>A Secret or ConfigMap of the pod's namespace.</summary>
public sealed record EnvSource
{
    /// <summary>Name.</summary>
    public string? Name { get; init; }

    /// <summary>Whether the pod starts without it.</summary>
    public bool? Optional { get; init; }
}

/// <summary>cpu and memory (and pids) of a container.</summary>
public sealed record ResourceRequirements
{
    /// <summary>The most it can use.</summary>
    public IReadOnlyDictionary<string, Quantity> Limits { get; init; } = Empty.Map<Quantity>();

    /// <summary>What is reserved on the node. Unset: the limits.</summary>
    public IReadOnlyDictionary<string, Quantity> Requests { get; init; } = Empty.Map<Quantity>();
}

/// <summary>A volume at a place in a container's file system.</summary>
public sealed record VolumeMount
{
    /// <summary>Name of the volume.</summary>
    public required string Name { get; init; }

    /// <summary>Absolute path in the container.</summary>
    [Pattern("^/[^:]*$")]
    public required string MountPath { get; init; }

    /// <summary>Whether it cannot be written.</summary>
    public bool? ReadOnly { get; init; }

    /// <summary>Path within the volume to mount instead of its root.</summary>
    public string? SubPath { get; init; }
}

/// <summary>A volume; exactly one source.</summary>
public sealed record Volume
{
    /// <summary>Name, unique in the pod; a DNS label.</summary>
    [Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"), Length(1, 63)]
    public required string Name { get; init; }

    /// <summary>An empty folder that lives as long as the pod.</summary>
    public EmptyDirVolumeSource? EmptyDir { get; init; }

    /// <summary>A Secret's keys as files, in memory.</summary>
    public SecretVolumeSource? Secret { get; init; }

    /// <summary>A ConfigMap's keys as files.</summary>
    public ConfigMapVolumeSource? ConfigMap { get; init; }
}

/// <summary>An empty folder that lives as long as the pod.</summary>
public sealed record EmptyDirVolumeSource
{
    /// <summary>Memory = a tmpfs; unset = the node's disk.</summary>
    [Allowed("", "Memory")]
    public string? Medium { get; init; }

    /// <summary>Size of a tmpfs.</summary>
    public Quantity? SizeLimit { get; init; }
}

/// <summary>A Secret's keys as files.</summary>
public sealed record SecretVolumeSource
{
    /// <summary>Name of the Secret.</summary>
    public string? SecretName { get; init; }

    /// <summary>Which keys, and where. Unset: all, each under its name.</summary>
    public IReadOnlyList<KeyToPath> Items { get; init; } = [];

    /// <summary>File mode, decimal in JSON.</summary>
    [Default("420"), Minimum(0), Maximum(511)]
    public int? DefaultMode { get; init; }

    /// <summary>Whether the pod starts without it.</summary>
    public bool? Optional { get; init; }
}

/// <summary>A ConfigMap's keys as files.</summary>
public sealed record ConfigMapVolumeSource
{
    /// <summary>Name of the ConfigMap.</summary>
    public string? Name { get; init; }

    /// <summary>Which keys, and where. Unset: all, each under its name.</summary>
    public IReadOnlyList<KeyToPath> Items { get; init; } = [];

    /// <summary>File mode, decimal in JSON.</summary>
    [Default("420"), Minimum(0), Maximum(511)]
    public int? DefaultMode { get; init; }

    /// <summary>Whether the pod starts without it.</summary>
    public bool? Optional { get; init; }
}

/// <summary>One key as a file.</summary>
public sealed record KeyToPath
{
    /// <summary>Key.</summary>
    public required string Key { get; init; }

    /// <summary>Relative path without "..".</summary>
    public required string Path { get; init; }

    /// <summary>File mode, decimal in JSON.</summary>
    [Minimum(0), Maximum(511)]
    public int? Mode { get; init; }
}

/// <summary>A check made by the node's agent; exactly one of exec, httpGet and tcpSocket.</summary>
public sealed record Probe
{
    /// <summary>A command in the container; 0 = success.</summary>
    public ExecAction? Exec { get; init; }

    /// <summary>An HTTP request; 200 to 399 = success.</summary>
    public HttpGetAction? HttpGet { get; init; }

    /// <summary>A TCP connection.</summary>
    public TcpSocketAction? TcpSocket { get; init; }

    /// <summary>Seconds before the first check.</summary>
    [Minimum(0)]
    public int? InitialDelaySeconds { get; init; }

    /// <summary>Seconds between checks.</summary>
    [Default("10"), Minimum(1)]
    public int? PeriodSeconds { get; init; }

    /// <summary>Seconds after which a check without an answer has failed.</summary>
    [Default("1"), Minimum(1)]
    public int? TimeoutSeconds { get; init; }

    /// <summary>Successes in a row that make it succeed.</summary>
    [Default("1"), Minimum(1)]
    public int? SuccessThreshold { get; init; }

    /// <summary>Failures in a row that make it fail.</summary>
    [Default("3"), Minimum(1)]
    public int? FailureThreshold { get; init; }
}

/// <summary>A command in the container.</summary>
public sealed record ExecAction
{
    /// <summary>Program and arguments.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];
}

/// <summary>An HTTP request.</summary>
public sealed record HttpGetAction
{
    /// <summary>Path.</summary>
    [Default("\"/\"")]
    public string? Path { get; init; }

    /// <summary>Name or number of the port.</summary>
    public required IntOrString Port { get; init; }

    /// <summary>HTTP or HTTPS (whose certificate is not checked).</summary>
    [Default("\"HTTP\""), Allowed("HTTP", "HTTPS")]
    public string? Scheme { get; init; }

    /// <summary>Address; unset: the pod's.</summary>
    public string? Host { get; init; }

    /// <summary>Headers.</summary>
    public IReadOnlyList<HttpHeader> HttpHeaders { get; init; } = [];
}

/// <summary>A header of a request.</summary>
public sealed record HttpHeader
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Value.</summary>
    public required string Value { get; init; }
}

/// <summary>A TCP connection.</summary>
public sealed record TcpSocketAction
{
    /// <summary>Name or number of the port.</summary>
    public required IntOrString Port { get; init; }

    /// <summary>Address; unset: the pod's.</summary>
    public string? Host { get; init; }
}

/// <summary>Security settings of all containers of a pod.</summary>
public sealed record PodSecurityContext
{
    /// <summary>User id.</summary>
    [Minimum(0)]
    public long? RunAsUser { get; init; }

    /// <summary>Group id.</summary>
    [Minimum(0)]
    public long? RunAsGroup { get; init; }

    /// <summary>Whether user id 0 is refused.</summary>
    public bool? RunAsNonRoot { get; init; }

    /// <summary>Further groups.</summary>
    public IReadOnlyList<long> SupplementalGroups { get; init; } = [];

    /// <summary>Group that owns volumes.</summary>
    [Minimum(0)]
    public long? FsGroup { get; init; }

    /// <summary>System call filter.</summary>
    public SeccompProfile? SeccompProfile { get; init; }
}

/// <summary>Security settings of a container; they win over the pod's.</summary>
public sealed record SecurityContext
{
    /// <summary>User id.</summary>
    [Minimum(0)]
    public long? RunAsUser { get; init; }

    /// <summary>Group id.</summary>
    [Minimum(0)]
    public long? RunAsGroup { get; init; }

    /// <summary>Whether user id 0 is refused.</summary>
    public bool? RunAsNonRoot { get; init; }

    /// <summary>Whether the root file system cannot be written.</summary>
    public bool? ReadOnlyRootFilesystem { get; init; }

    /// <summary>Whether a program can gain privileges (setuid). Unset: no.</summary>
    public bool? AllowPrivilegeEscalation { get; init; }

    /// <summary>Capabilities to add to or drop from the default set.</summary>
    public Capabilities? Capabilities { get; init; }

    /// <summary>System call filter.</summary>
    public SeccompProfile? SeccompProfile { get; init; }
}

/// <summary>Capabilities, e.g. NET_BIND_SERVICE; ALL stands for all.</summary>
public sealed record Capabilities
{
    /// <summary>Added.</summary>
    public IReadOnlyList<string> Add { get; init; } = [];

    /// <summary>Dropped.</summary>
    public IReadOnlyList<string> Drop { get; init; } = [];
}

/// <summary>A system call filter.</summary>
public sealed record SeccompProfile
{
    /// <summary>RuntimeDefault or Unconfined.</summary>
    [Allowed("RuntimeDefault", "Unconfined")]
    public required string Type { get; init; }
}

/// <summary>A taint that does not keep the pod away.</summary>
public sealed record Toleration
{
    /// <summary>Taint key; empty with Exists = every taint.</summary>
    public string? Key { get; init; }

    /// <summary>Exists or Equal.</summary>
    [Allowed("Exists", "Equal")]
    public string? Operator { get; init; }

    /// <summary>Taint value for Equal.</summary>
    public string? Value { get; init; }

    /// <summary>Only taints of this effect; unset = all.</summary>
    [Allowed("", "NoSchedule", "PreferNoSchedule", "NoExecute")]
    public string? Effect { get; init; }

    /// <summary>How long a NoExecute taint is tolerated, in seconds.</summary>
    public long? TolerationSeconds { get; init; }
}
