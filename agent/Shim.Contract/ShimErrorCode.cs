namespace ControlPlane.Agent.Shim.Contract;

/// <summary>Why a shim refused or failed a request.</summary>
public enum ShimErrorCode : byte
{
    /// <summary>The shim's own fault or an error of the operating system.</summary>
    Internal = 0,

    /// <summary>No such container.</summary>
    NotFound = 1,

    /// <summary>A container of this id is known already.</summary>
    AlreadyExists = 2,

    /// <summary>The request breaks a rule of the protocol or of the container's state.</summary>
    Invalid = 3,

    /// <summary>The OCI runtime reported an error; the message is the runtime's.</summary>
    RuntimeFailed = 4,

    /// <summary>Containers remain, so the shim may not go.</summary>
    Busy = 5,

    /// <summary>No common protocol version, or a request this shim does not know.</summary>
    Unsupported = 6,
}
