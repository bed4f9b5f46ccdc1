namespace ControlPlane.Agent.Linux;

/// <summary>Error numbers of Linux (asm-generic, the same on x86-64 and arm64) and their names.</summary>
public static class Errno
{
    public const int EPERM = 1;
    public const int ENOENT = 2;
    public const int ESRCH = 3;
    public const int EINTR = 4;
    public const int EIO = 5;
    public const int EBADF = 9;
    public const int ECHILD = 10;
    public const int EAGAIN = 11;
    public const int EACCES = 13;
    public const int EBUSY = 16;
    public const int EEXIST = 17;
    public const int EXDEV = 18;
    public const int ENOTDIR = 20;
    public const int EINVAL = 22;
    public const int ENOSPC = 28;
    public const int EPIPE = 32;
    public const int ELOOP = 40;
    public const int ENOTEMPTY = 39;
    public const int EADDRINUSE = 98;
    public const int ECONNRESET = 104;
    public const int ECONNREFUSED = 111;

    // Indexed by number; the numbers past the classic range that we meet are in Name.
    private static readonly string[] Names =
    [
        "OK", "EPERM", "ENOENT", "ESRCH", "EINTR", "EIO", "ENXIO", "E2BIG", "ENOEXEC", "EBADF", "ECHILD", "EAGAIN", "ENOMEM", "EACCES",
        "EFAULT", "ENOTBLK", "EBUSY", "EEXIST", "EXDEV", "ENODEV", "ENOTDIR", "EISDIR", "EINVAL", "ENFILE", "EMFILE", "ENOTTY", "ETXTBSY",
        "EFBIG", "ENOSPC", "ESPIPE", "EROFS", "EMLINK", "EPIPE", "EDOM", "ERANGE", "EDEADLK", "ENAMETOOLONG", "ENOLCK", "ENOSYS",
        "ENOTEMPTY", "ELOOP",
    ];

    /// <summary>The symbolic name of an error number, or <c>errno N</c> for one without a name here.</summary>
    public static string Name(int errno) => errno switch
    {
        >= 0 when errno < Names.Length => Names[errno],
        61 => "ENODATA",
        75 => "EOVERFLOW",
        95 => "EOPNOTSUPP",
        EADDRINUSE => "EADDRINUSE",
        ECONNRESET => "ECONNRESET",
        107 => "ENOTCONN",
        110 => "ETIMEDOUT",
        ECONNREFUSED => "ECONNREFUSED",
        116 => "ESTALE",
        122 => "EDQUOT",
        _ => "errno " + errno,
    };
}
