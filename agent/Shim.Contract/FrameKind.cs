namespace ControlPlane.Agent.Shim.Contract;

/// <summary>What a frame is. Requests are below 64, answers below 96, streams above.</summary>
public enum FrameKind : byte
{
    None = 0,
    Hello = 1,
    Start = 2,
    Kill = 3,
    Delete = 4,
    List = 5,
    Subscribe = 6,
    Exec = 7,
    Attach = 8,
    ResizeContainer = 9,
    Shutdown = 10,

    Done = 64,
    Failed = 65,
    HelloReply = 66,
    Started = 67,
    Containers = 68,
    ContainerExited = 69,

    Stdin = 96,
    StdinEnd = 97,
    Stdout = 98,
    Stderr = 99,
    Resize = 100,
    Exited = 101,
}
