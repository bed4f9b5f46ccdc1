using System.Net;

namespace ControlPlane.Agent.Networking.Cni;

/// <summary>
/// The files host-local keeps in DIRECTORY: one per taken address, named by it, holding the container's id and the
/// interface on two lines; and "lock", which it locks (flock) around every change.
/// </summary>
internal static class HostLocalAllocations
{
    // The runtime passes on errno as it is when a lock is somebody else's.
    private const int WouldBlock = 11;

    public static async Task<int> ReleaseAsync(string directory, IReadOnlySet<string> live, CancellationToken cancellation)
    {
        if (!Directory.Exists(directory))
            return 0;
        await using var storeLock = await LockAsync(Path.Combine(directory, "lock"), cancellation);
        var released = 0;
        foreach (var file in Directory.EnumerateFiles(directory).Where(file => IPAddress.TryParse(Path.GetFileName(file), out _)).ToList())
        {
            var owner = (await File.ReadAllTextAsync(file, cancellation)).ReplaceLineEndings("\n").Split('\n')[0].Trim();
            if (live.Contains(owner))
                continue;
            File.Delete(file);
            released++;
        }

        return released;
    }

    private static async Task<FileStream> LockAsync(string path, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (e.HResult == WouldBlock)
            {
                // Held for the moment of one allocation. Anything else, such as a full disk, is not cured by waiting.
                await Task.Delay(10, cancellation);
            }
        }
    }
}
