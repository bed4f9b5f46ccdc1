using System.Runtime.ExceptionServices;
using System.Text;
using ControlPlane.Agent.Linux.Interop;

namespace ControlPlane.Agent.Linux;

/// <summary>
/// A pod's namespaces, kept alive by bind mounts of their files in <c>POD/ns</c> instead of by a process: no pause container, and they
/// outlive every container of the pod.
/// </summary>
public static unsafe class PodNamespaces
{
    private const string Folder = "ns";
    private const string NetworkName = "net";
    private const string IpcName = "ipc";
    private const string UtsName = "uts";

    /// <summary>
    /// Makes the namespaces. What an earlier, interrupted attempt left is removed first, so the call may be repeated, but never while
    /// containers use the pod.
    /// </summary>
    public static PodNamespacePaths Create(string podDirectory, PodNamespaceRequest request)
    {
        Remove(podDirectory);
        var folder = Path.Combine(podDirectory, Folder);
        Directory.CreateDirectory(folder);
        ExceptionDispatchInfo? fault = null;

        // unshare(2) of these concerns one thread: a thread of its own, which ends with its work and takes its view of the system along.
        var thread = new Thread(() =>
        {
            try
            {
                CreateInThread(folder, request);
            }
            catch (Exception error)
            {
                fault = ExceptionDispatchInfo.Capture(error);
            }
        })
        {
            IsBackground = true,
            Name = "pod-namespaces",
        };
        thread.Start();
        thread.Join();
        if (fault is not null)
        {
            Remove(podDirectory);
            fault.Throw();
        }

        return Find(podDirectory);
    }

    /// <summary>The namespaces an earlier call has made.</summary>
    public static PodNamespacePaths Find(string podDirectory) =>
        new(Existing(podDirectory, NetworkName), Existing(podDirectory, IpcName), Existing(podDirectory, UtsName));

    /// <summary>Lets go of the namespaces. They end with their last process. Nothing to remove is no error.</summary>
    public static void Remove(string podDirectory)
    {
        var folder = Path.Combine(podDirectory, Folder);
        foreach (var name in (ReadOnlySpan<string>)[NetworkName, IpcName, UtsName])
        {
            var path = Path.Combine(folder, name);
            while (Mounts.Unmount(path))
            {
            }

            SmallFile.Remove(path);
        }

        if (Directory.Exists(folder)) Directory.Delete(folder);
    }

    private static string? Existing(string podDirectory, string name)
    {
        var path = Path.Combine(podDirectory, Folder, name);
        return File.Exists(path) ? path : null;
    }

    private static void CreateInThread(string folder, PodNamespaceRequest request)
    {
        var flags = (request.Network ? Libc.CLONE_NEWNET : 0) | (request.Ipc ? Libc.CLONE_NEWIPC : 0) | (request.Hostname is null ? 0 : Libc.CLONE_NEWUTS);
        if (flags == 0) return;
        if (Libc.Unshare(flags) < 0) throw LinuxException.Last("unshare", folder);
        if (request.Hostname is { } hostname)
        {
            SetHostName(hostname);
            Persist(folder, UtsName);
        }

        if (request.Ipc) Persist(folder, IpcName);
        if (request.Network)
        {
            Loopback.Raise();
            Persist(folder, NetworkName);
        }
    }

    private static void Persist(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        FileDescriptor.Close(FileDescriptor.Open(path, OpenMode.Create));
        Mounts.Bind("/proc/thread-self/ns/" + name, path);
    }

    private static void SetHostName(string name)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        fixed (byte* start = bytes)
        {
            if (Libc.SetHostName(start, (nuint)bytes.Length) < 0) throw LinuxException.Last("sethostname", name);
        }
    }
}
