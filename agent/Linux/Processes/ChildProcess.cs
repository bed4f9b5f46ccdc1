using System.Runtime.InteropServices;
using System.Text;
using ControlPlane.Agent.Linux.Interop;

namespace ControlPlane.Agent.Linux;

/// <summary>
/// Starts and reaps children by posix_spawn(3) and wait4(2). Spawning shares the caller's memory until the exec, so its cost does not
/// grow with the caller, and no managed code ever runs in a forked copy.
/// </summary>
public static unsafe class ChildProcess
{
    private const int WNOHANG = 1;
    private const int FirstExtra = 3;

    // SIGKILL and SIGSTOP have no disposition to reset, and the C library keeps 32 and 33 for itself.
    private static readonly SignalSet Resettable = new(~SignalSet.Of(Signal.Kill, Signal.Stop, 32, 33).Bits);

    /// <summary>Starts a program and returns its process id. The caller reaps it.</summary>
    public static int Spawn(SpawnRequest request)
    {
        var actions = stackalloc byte[Libc.SpawnFileActionsSize];
        var attributes = stackalloc byte[Libc.SpawnAttributesSize];
        Check(Libc.SpawnActionsInit(actions), "posix_spawn_file_actions_init", request.Path);
        Check(Libc.SpawnAttributesInit(attributes), "posix_spawnattr_init", request.Path);
        try
        {
            AddDescriptors(actions, request);
            AddAttributes(attributes, request);
            return SpawnWith(actions, attributes, request);
        }
        finally
        {
            _ = Libc.SpawnActionsDestroy(actions);
            _ = Libc.SpawnAttributesDestroy(attributes);
        }
    }

    /// <summary>Reaps one ended child, of any kind or the one given; null when none has ended or there is none.</summary>
    public static ExitedChild? TryReap(int pid = -1)
    {
        int status;
        int result;
        do result = Libc.Wait4(pid, &status, WNOHANG, null);
        while (result < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);
        if (result > 0) return new ExitedChild(result, new WaitStatus(status));
        if (result < 0 && Marshal.GetLastPInvokeError() != Errno.ECHILD) throw LinuxException.Last("wait4");
        return null;
    }

    /// <summary>Whether a process is a child of ours that has not been reaped.</summary>
    public static bool IsChild(int pid)
    {
        const int P_PID = 1;
        const int WEXITED = 4;
        const int WNOWAIT = 0x01000000;
        return Libc.WaitId(P_PID, pid, null, WEXITED | WNOHANG | WNOWAIT) == 0;
    }

    /// <summary>Replaces the calling process by a program, keeping its process id, descriptors and blocked signals. Returns only to throw.</summary>
    public static void Replace(string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment)
    {
        var argv = NativeStrings.Allocate(arguments);
        var envp = NativeStrings.Allocate(environment);
        var program = NativeStrings.Allocate([path]);
        _ = Libc.Execute(program[0], argv, envp);
        var error = LinuxException.Last("execve", path);
        NativeStrings.Free(argv);
        NativeStrings.Free(envp);
        NativeStrings.Free(program);
        throw error;
    }

    private static void AddDescriptors(byte* actions, SpawnRequest request)
    {
        Check(Libc.SpawnActionsDup2(actions, request.StandardInput, 0), "posix_spawn", request.Path);
        Check(Libc.SpawnActionsDup2(actions, request.StandardOutput, 1), "posix_spawn", request.Path);
        Check(Libc.SpawnActionsDup2(actions, request.StandardError, 2), "posix_spawn", request.Path);
        var next = FirstExtra;
        if (request.ExtraDescriptor >= 0) Check(Libc.SpawnActionsDup2(actions, request.ExtraDescriptor, next++), "posix_spawn", request.Path);
        Check(Libc.SpawnActionsCloseFrom(actions, next), "posix_spawn", request.Path);
        if (request.WorkingDirectory is { } directory)
            Check(Libc.SpawnActionsChangeDirectory(actions, directory), "posix_spawn", request.Path);
    }

    private static void AddAttributes(byte* attributes, SpawnRequest request)
    {
        var flags = Libc.POSIX_SPAWN_SETSIGDEF | Libc.POSIX_SPAWN_SETSIGMASK | (request.NewSession ? Libc.POSIX_SPAWN_SETSID : 0);
        Check(Libc.SpawnAttributesSetFlags(attributes, (short)flags), "posix_spawnattr_setflags", request.Path);
        ulong* set = stackalloc ulong[Libc.SignalSetSize / sizeof(ulong)];
        new Span<ulong>(set, Libc.SignalSetSize / sizeof(ulong)).Clear();
        *set = Resettable.Bits;
        Check(Libc.SpawnAttributesSetSignalDefault(attributes, set), "posix_spawnattr_setsigdefault", request.Path);
        *set = request.Blocked.Bits;
        Check(Libc.SpawnAttributesSetSignalMask(attributes, set), "posix_spawnattr_setsigmask", request.Path);
    }

    private static int SpawnWith(byte* actions, byte* attributes, SpawnRequest request)
    {
        var argv = NativeStrings.Allocate(request.Arguments);
        var envp = NativeStrings.Allocate(request.Environment);
        var path = NativeStrings.Allocate([request.Path]);
        try
        {
            int pid;
            Check(Libc.Spawn(&pid, path[0], actions, attributes, argv, envp), "spawn", request.Path);
            return pid;
        }
        finally
        {
            NativeStrings.Free(argv);
            NativeStrings.Free(envp);
            NativeStrings.Free(path);
        }
    }

    private static void Check(int error, string operation, string path)
    {
        if (error != 0) throw new LinuxException(operation, path, error);
    }

    /// <summary>Null-terminated vectors of C strings, each vector one allocation.</summary>
    private static class NativeStrings
    {
        internal static byte** Allocate(IReadOnlyList<string> values)
        {
            var size = (values.Count + 1) * sizeof(byte*);
            for (var i = 0; i < values.Count; i++) size += Encoding.UTF8.GetByteCount(values[i]) + 1;
            var vector = (byte**)NativeMemory.Alloc((nuint)size);
            var text = (byte*)(vector + values.Count + 1);
            var end = (byte*)vector + size;
            for (var i = 0; i < values.Count; i++)
            {
                vector[i] = text;
                text += Encoding.UTF8.GetBytes(values[i], new Span<byte>(text, (int)(end - text)));
                *text++ = 0;
            }

            vector[values.Count] = null;
            return vector;
        }

        internal static void Free(byte** vector) => NativeMemory.Free(vector);
    }
}
