using System.Security.Cryptography;

namespace ControlPlane.Api.Server.Registry;

/// <summary>A key for values at rest.</summary>
/// <param name="Name">Written beside what it encrypts.</param>
/// <param name="Key">256 bits.</param>
internal sealed record EncryptionKey(string Name, byte[] Key);

/// <summary>
/// The keys of a file with one <c>name: base64</c> per line (a line without a name is called key1). The first encrypts, all decrypt: to rotate, put a new one first and rewrite
/// every Secret. No file = no encryption.
/// </summary>
internal sealed class EncryptionKeys(IReadOnlyList<EncryptionKey> keys)
{
    public const int KeyLength = 32;

    public static EncryptionKeys None { get; } = new([]);

    public EncryptionKey? Current => keys.Count > 0 ? keys[0] : null;

    public EncryptionKey? Find(string name) => keys.FirstOrDefault(k => k.Name == name);

    /// <summary>Reads the file; makes it, with a new key, when it does not exist.</summary>
    /// <exception cref="FormatException">A line is no key.</exception>
    public static EncryptionKeys LoadOrCreate(string path)
    {
        if (!File.Exists(path))
            Create(path);
        var keys = File.ReadAllLines(path).Where(l => l.Trim().Length > 0 && l[0] != '#').Select(line => ParseLine(path, line)).ToArray();
        return keys.Length > 0 ? new EncryptionKeys(keys) : throw new FormatException($"{path} holds no key; remove it to have one made.");
    }

    private static EncryptionKey ParseLine(string path, string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        var name = colon > 0 ? line[..colon].Trim() : "key1";
        var key = new byte[KeyLength];
        if (!name.All(char.IsAsciiLetterOrDigit) || !Convert.TryFromBase64String(line[(colon + 1)..].Trim(), key, out var length) || length != KeyLength)
            throw new FormatException($"{path}: every line must be \"name: base64\" of {KeyLength} bytes.");
        return new EncryptionKey(name, key);
    }

    private static void Create(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using var writer = new StreamWriter(path, options);
        writer.WriteLine($"key1: {Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyLength))}");
    }
}
