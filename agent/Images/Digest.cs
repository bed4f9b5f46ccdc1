using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace ControlPlane.Agent.Images;

/// <summary>A content address: <c>sha256:</c> and 64 lower-case hexadecimal digits. Other algorithms are refused.</summary>
public readonly record struct Digest
{
    private const string Prefix = "sha256:";
    private const int HexLength = 64;

    private readonly string? _value;

    private Digest(string value) => _value = value;

    public string Hex => ToString()[Prefix.Length..];

    public static Digest Of(ReadOnlySpan<byte> content) => FromHash(SHA256.HashData(content));

    public static Digest FromHash(ReadOnlySpan<byte> sha256) => new(Prefix + Convert.ToHexStringLower(sha256));

    public static bool TryParse([NotNullWhen(true)] string? text, out Digest digest)
    {
        digest = default;
        if (text is null || text.Length != Prefix.Length + HexLength || !text.StartsWith(Prefix, StringComparison.Ordinal))
            return false;
        if (text.AsSpan(Prefix.Length).ContainsAnyExcept(HexDigits))
            return false;
        digest = new Digest(text);
        return true;
    }

    /// <exception cref="FormatException">The text is not a sha256 digest.</exception>
    public static Digest Parse(string? text) =>
        TryParse(text, out var digest) ? digest : throw new FormatException($"\"{text}\" is not a sha256 digest");

    public override string ToString() => _value ?? throw new InvalidOperationException("the digest is not set");

    private static readonly System.Buffers.SearchValues<char> HexDigits = System.Buffers.SearchValues.Create("0123456789abcdef");
}
