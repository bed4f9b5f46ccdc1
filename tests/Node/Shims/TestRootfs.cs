using System.Diagnostics;

namespace ControlPlane.Node.Tests.Shims;

/// <summary>A root file system of one static busybox and its applets, made once and never written by a test.</summary>
internal static class TestRootfs
{
    private static readonly Lazy<string> Made = new(Make);

    internal static string Path => Made.Value;

    private static string Make()
    {
        const string Busybox = "/bin/busybox";
        Assert.True(File.Exists(Busybox), "The node tests need busybox-static (apt-get install busybox-static).");
        var root = Directory.CreateTempSubdirectory("cp-rootfs-").FullName;
        File.SetUnixFileMode(root, (UnixFileMode)0x1ED /* 0755: users other than root look into it */);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(root, recursive: true);
        foreach (var folder in (string[])["bin", "proc", "sys", "dev", "tmp", "etc", "mnt"]) Directory.CreateDirectory(System.IO.Path.Combine(root, folder));
        File.Copy(Busybox, System.IO.Path.Combine(root, "bin/busybox"));
        foreach (var applet in Applets(Busybox)) File.CreateSymbolicLink(System.IO.Path.Combine(root, "bin", applet), "busybox");
        File.WriteAllText(System.IO.Path.Combine(root, "etc/passwd"), "root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n");
        return root;
    }

    private static IEnumerable<string> Applets(string busybox)
    {
        using var process = Process.Start(new ProcessStartInfo(busybox, "--list") { RedirectStandardOutput = true })!;
        var list = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return list.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(static applet => applet != "busybox").ToList();
    }
}
