namespace ControlPlane.Agent.Linux;

/// <summary>Flags of mount(2) that are facts about a mount.</summary>
[Flags]
public enum MountOptions
{
    None = 0,
    ReadOnly = 1,
    NoSetUid = 2,
    NoDevices = 4,
    NoExecution = 8,
}
