namespace ControlPlane.Api.Machinery.Patching;

/// <summary>A patch that cannot be applied; <see cref="Fault"/> says whose mistake it is.</summary>
public sealed class PatchException : Exception
{
    public PatchException(PatchFault fault, string message)
        : base(message) => Fault = fault;

    public PatchException()
    {
    }

    public PatchException(string message)
        : base(message)
    {
    }

    public PatchException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public PatchFault Fault { get; }
}
