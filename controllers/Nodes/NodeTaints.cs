namespace ControlPlane.Controllers.Nodes;

/// <summary>Taints that this controller puts on nodes and takes off again.</summary>
internal static class NodeTaints
{
    public const string NotReady = "node.kubernetes.io/not-ready";
    public const string Unreachable = "node.kubernetes.io/unreachable";
    public const string NoSchedule = "NoSchedule";
    public const string NoExecute = "NoExecute";

    public static bool IsOurs(string key) => key is NotReady or Unreachable;
}
