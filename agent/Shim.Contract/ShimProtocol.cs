namespace ControlPlane.Agent.Shim.Contract;

/// <summary>Numbers both ends of the protocol agree on; README.md is the specification.</summary>
public static class ShimProtocol
{
    /// <summary>First bytes of every Hello: "CPSH" read as a little-endian integer.</summary>
    public const uint Magic = 0x48535043;

    /// <summary>The version spoken by this build.</summary>
    public const ushort Version = 1;

    /// <summary>The oldest version this build still speaks.</summary>
    public const ushort OldestVersion = 1;

    /// <summary>Largest frame in bytes, header included. Requests carry argument lists, so this is generous.</summary>
    public const int MaxFrame = 1 << 20;

    /// <summary>Largest payload of one stdio frame in bytes, so that no stream delays another for long.</summary>
    public const int MaxStreamPayload = 32 * 1024;

    /// <summary>Bytes before a frame's payload: its length (4, of what follows the length) and its kind (1).</summary>
    public const int HeaderSize = 5;

    /// <summary>The descriptor on which a shim finds its listening socket when it is started.</summary>
    public const int ListenerDescriptor = 3;
}
