namespace ControlPlane.Agent.Linux;

/// <summary>Readiness of a descriptor, as poll(2) numbers it.</summary>
[Flags]
public enum PollEvents : short
{
    None = 0,
    Readable = 1,
    Writable = 4,
    Error = 8,
    HangUp = 16,
    Invalid = 32,
}
