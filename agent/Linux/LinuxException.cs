using System.Runtime.InteropServices;

namespace ControlPlane.Agent.Linux;

/// <summary>A system call failed. <see cref="Errno"/> says why; the message names the call, its subject and the error.</summary>
public sealed class LinuxException : IOException
{
    /// <summary>Creates the error of <paramref name="operation"/> on <paramref name="subject"/> (usually a path).</summary>
    public LinuxException(string operation, string? subject, int errno)
        : base(Describe(operation, subject, errno))
    {
        Operation = operation;
        Subject = subject;
        Errno = errno;
    }

    /// <summary>The call that failed, e.g. <c>mount</c>.</summary>
    public string Operation { get; }

    /// <summary>What it was called on, usually a path.</summary>
    public string? Subject { get; }

    /// <summary>The raw error number; compare with <see cref="Linux.Errno"/>.</summary>
    public int Errno { get; }

    /// <summary>The symbolic name, e.g. <c>ENOENT</c>.</summary>
    public string ErrnoName => Linux.Errno.Name(Errno);

    /// <summary>The error of the call that has just failed on this thread.</summary>
    public static LinuxException Last(string operation, string? subject = null) => new(operation, subject, Marshal.GetLastPInvokeError());

    private static string Describe(string operation, string? subject, int errno)
    {
        var what = subject is null ? operation : operation + " " + subject;
        return what + ": " + Linux.Errno.Name(errno) + " (" + Marshal.GetPInvokeErrorMessage(errno) + ")";
    }
}
