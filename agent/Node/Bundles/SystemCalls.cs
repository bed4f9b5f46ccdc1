using System.Runtime.InteropServices;

namespace ControlPlane.Agent.Bundles;

/// <summary>
/// System calls by what they are for. Left out on purpose: loading code into the kernel (modules, kexec, bpf), its clocks, swap, accounting
/// and quotas, mounts and namespaces, raw I/O ports, kernel keyrings (not namespaced), io_uring and userfaultfd (a long record of
/// escapes), perf events, and what is obsolete. Names unknown on an architecture are skipped by the runtime.
/// </summary>
internal static class SystemCalls
{
    /// <summary>Values personality(2) may set: Linux, the 32-bit view of uname, and both without address randomisation reset; or asking.</summary>
    internal static readonly ulong[] Personalities = [0x0, 0x8, 0x20000, 0x20008, 0xFFFFFFFF];

    internal static readonly string[] Always =
    [
        // Files by descriptor
        "read", "write", "readv", "writev", "pread64", "pwrite64", "preadv", "pwritev", "preadv2", "pwritev2", "lseek", "_llseek", "close",
        "close_range", "dup", "dup2", "dup3", "fcntl", "fcntl64", "ioctl", "fsync", "fdatasync", "sync", "syncfs", "sync_file_range",
        "arm_sync_file_range", "sync_file_range2", "ftruncate", "ftruncate64", "fallocate", "fadvise64", "fadvise64_64", "arm_fadvise64_64",
        "flock", "readahead", "sendfile", "sendfile64", "splice", "tee", "vmsplice", "copy_file_range", "pipe", "pipe2", "cachestat",

        // Files by name
        "open", "openat", "openat2", "creat", "access", "faccessat", "faccessat2", "stat", "stat64", "lstat", "lstat64", "fstat", "fstat64",
        "fstatat64", "newfstatat", "statx", "statfs", "statfs64", "fstatfs", "fstatfs64", "truncate", "truncate64", "link", "linkat", "symlink",
        "symlinkat", "readlink", "readlinkat", "unlink", "unlinkat", "rename", "renameat", "renameat2", "mkdir", "mkdirat", "rmdir",
        "mknod", "mknodat", "chdir", "fchdir", "getcwd", "getdents", "getdents64", "chmod", "fchmod", "fchmodat", "fchmodat2", "chown",
        "chown32", "fchown", "fchown32", "fchownat", "lchown", "lchown32", "umask", "utime", "utimes", "utimensat", "utimensat_time64",
        "futimesat", "name_to_handle_at", "getxattr", "lgetxattr", "fgetxattr", "setxattr", "lsetxattr", "fsetxattr", "listxattr", "llistxattr",
        "flistxattr", "removexattr", "lremovexattr", "fremovexattr", "getxattrat", "setxattrat", "listxattrat", "removexattrat", "statmount",
        "listmount", "inotify_init", "inotify_init1", "inotify_add_watch", "inotify_rm_watch", "fanotify_mark",

        // Waiting
        "select", "_newselect", "pselect6", "pselect6_time64", "poll", "ppoll", "ppoll_time64", "epoll_create", "epoll_create1", "epoll_ctl",
        "epoll_ctl_old", "epoll_wait", "epoll_wait_old", "epoll_pwait", "epoll_pwait2", "eventfd", "eventfd2", "signalfd", "signalfd4",
        "timerfd_create", "timerfd_settime", "timerfd_settime64", "timerfd_gettime", "timerfd_gettime64", "io_setup", "io_destroy", "io_submit",
        "io_cancel", "io_getevents", "io_pgetevents", "io_pgetevents_time64", "futex", "futex_time64", "futex_waitv", "futex_wait",
        "futex_wake", "futex_requeue", "get_robust_list", "set_robust_list", "restart_syscall",

        // Memory
        "brk", "mmap", "mmap2", "munmap", "mremap", "mprotect", "msync", "madvise", "mincore", "mlock", "mlock2", "mlockall", "munlock",
        "munlockall", "memfd_create", "memfd_secret", "remap_file_pages", "membarrier", "pkey_alloc", "pkey_free", "pkey_mprotect", "mseal",
        "map_shadow_stack", "process_mrelease", "arch_prctl", "modify_ldt", "set_thread_area", "get_thread_area", "rseq",

        // Processes and threads
        "fork", "vfork", "execve", "execveat", "exit", "exit_group", "wait4", "waitid", "waitpid", "getpid", "getppid", "gettid", "getpgid",
        "getpgrp", "setpgid", "getsid", "setsid", "set_tid_address", "prctl", "seccomp", "landlock_create_ruleset", "landlock_add_rule",
        "landlock_restrict_self", "pidfd_open", "pidfd_send_signal", "pidfd_getfd", "ptrace", "process_vm_readv", "process_vm_writev", "capget",
        "capset", "getpriority", "setpriority", "ioprio_get", "ioprio_set", "getrlimit", "ugetrlimit", "setrlimit", "prlimit64", "getrusage",
        "times", "sched_yield", "sched_getaffinity", "sched_setaffinity", "sched_getattr", "sched_setattr", "sched_getparam", "sched_setparam",
        "sched_getscheduler", "sched_setscheduler", "sched_get_priority_max", "sched_get_priority_min", "sched_rr_get_interval",
        "sched_rr_get_interval_time64", "getcpu", "uname", "sysinfo", "getrandom", "alarm", "pause", "nanosleep",

        // Users and groups
        "getuid", "getuid32", "geteuid", "geteuid32", "getgid", "getgid32", "getegid", "getegid32", "getresuid", "getresuid32", "getresgid",
        "getresgid32", "getgroups", "getgroups32", "setuid", "setuid32", "setgid", "setgid32", "setreuid", "setreuid32", "setregid",
        "setregid32", "setresuid", "setresuid32", "setresgid", "setresgid32", "setfsuid", "setfsuid32", "setfsgid", "setfsgid32", "setgroups",
        "setgroups32",

        // Signals
        "kill", "tkill", "tgkill", "rt_sigaction", "rt_sigprocmask", "rt_sigpending", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "rt_sigreturn",
        "rt_sigsuspend", "rt_sigtimedwait", "rt_sigtimedwait_time64", "sigaction", "sigprocmask", "sigreturn", "sigpending", "sigsuspend",
        "signal", "sigaltstack",

        // Time
        "time", "gettimeofday", "clock_gettime", "clock_gettime64", "clock_getres", "clock_getres_time64", "clock_nanosleep",
        "clock_nanosleep_time64", "adjtimex", "getitimer", "setitimer", "timer_create", "timer_delete", "timer_getoverrun", "timer_gettime",
        "timer_gettime64", "timer_settime", "timer_settime64",

        // Network; socket itself has rules of its own
        "socketpair", "socketcall", "bind", "listen", "accept", "accept4", "connect", "getsockname", "getpeername", "getsockopt", "setsockopt",
        "shutdown", "send", "sendto", "sendmsg", "sendmmsg", "recv", "recvfrom", "recvmsg", "recvmmsg", "recvmmsg_time64",

        // System V and POSIX inter-process communication
        "ipc", "msgget", "msgsnd", "msgrcv", "msgctl", "semget", "semop", "semctl", "semtimedop", "semtimedop_time64", "shmget", "shmat", "shmdt",
        "shmctl", "mq_open", "mq_unlink", "mq_timedsend", "mq_timedsend_time64", "mq_timedreceive", "mq_timedreceive_time64", "mq_notify",
        "mq_getsetattr",
    ];

    internal static readonly IReadOnlyList<KeyValuePair<string, string[]>> ByCapability =
    [
        new("CAP_DAC_READ_SEARCH", ["open_by_handle_at"]),
        new("CAP_SYS_ADMIN",
        [
            "bpf", "clone", "clone3", "fanotify_init", "fsconfig", "fsmount", "fsopen", "fspick", "lsm_get_self_attr", "lsm_list_modules",
            "lsm_set_self_attr", "mount", "mount_setattr", "move_mount", "open_tree", "perf_event_open", "pivot_root", "quotactl", "quotactl_fd", "setdomainname",
            "sethostname", "setns", "syslog", "umount", "umount2", "unshare",
        ]),
        new("CAP_SYS_BOOT", ["reboot"]),
        new("CAP_SYS_CHROOT", ["chroot"]),
        new("CAP_SYS_MODULE", ["delete_module", "init_module", "finit_module"]),
        new("CAP_SYS_PACCT", ["acct"]),
        new("CAP_SYS_PTRACE", ["kcmp", "process_madvise"]),
        new("CAP_SYS_RAWIO", ["iopl", "ioperm"]),
        new("CAP_SYS_TIME", ["settimeofday", "stime", "clock_settime", "clock_settime64", "clock_adjtime", "clock_adjtime64"]),
        new("CAP_SYS_TTY_CONFIG", ["vhangup"]),
        new("CAP_SYS_NICE", ["get_mempolicy", "mbind", "set_mempolicy", "set_mempolicy_home_node", "migrate_pages", "move_pages"]),
        new("CAP_SYSLOG", ["syslog"]),
        new("CAP_BPF", ["bpf"]),
        new("CAP_PERFMON", ["perf_event_open"]),
    ];

    /// <summary>The machine's own architecture and its 32-bit one. Calls in any other's numbering kill the process.</summary>
    internal static IReadOnlyList<string> Architectures => RuntimeInformation.OSArchitecture switch
    {
        Architecture.X64 => ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
        Architecture.Arm64 => ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"],
        var other => throw new PlatformNotSupportedException($"There is no system call table for {other}."),
    };
}
