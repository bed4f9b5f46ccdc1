using System.Security.Cryptography;
using System.Text;
using ControlPlane.Api.Storage;

namespace ControlPlane.Api.Server.Registry;

/// <summary>
/// Encrypts Secrets on their way to the store and opens them on their way back. A protected value is
/// <code>k8s:enc:aesgcm:v1:KEY-NAME:NONCE(12)CIPHERTEXT TAG(16)</code>
/// and its storage key is authenticated with it, so that a value cannot be moved to another object.
/// </summary>
internal sealed class ValueProtector(EncryptionKeys keys)
{
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private static ReadOnlySpan<byte> Mark => "k8s:enc:aesgcm:v1:"u8;
    private static readonly string SecretsPrefix = StorageKey.Prefix("", "secrets");

    /// <summary>The bytes to store for an object.</summary>
    public ReadOnlyMemory<byte> Seal(string key, ReadOnlyMemory<byte> json)
    {
        if (keys.Current is not { } current || !key.StartsWith(SecretsPrefix, StringComparison.Ordinal))
            return json;
        var name = Encoding.ASCII.GetBytes(current.Name);
        var header = Mark.Length + name.Length + 1;
        var sealedValue = new byte[header + NonceLength + json.Length + TagLength];
        Mark.CopyTo(sealedValue);
        name.CopyTo(sealedValue.AsSpan(Mark.Length));
        sealedValue[header - 1] = (byte)':';
        var nonce = sealedValue.AsSpan(header, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(current.Key, TagLength);
        aes.Encrypt(nonce, json.Span, sealedValue.AsSpan(header + NonceLength, json.Length), sealedValue.AsSpan(^TagLength..), Encoding.UTF8.GetBytes(key));
        return sealedValue;
    }

    /// <summary>The object in a stored value.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.Corrupt"/>: the value was changed, or its key is not configured.</exception>
    public StoredObject Open(StoredValue stored)
    {
        var json = stored.Value.Span.StartsWith(Mark) ? Decrypt(stored) : stored.Value;
        return new StoredObject(stored.Key, json, stored.Revision.Value);
    }

    private byte[] Decrypt(StoredValue stored)
    {
        var value = stored.Value.Span[Mark.Length..];
        var end = value.IndexOf((byte)':');
        if (end < 0 || value.Length < end + 1 + NonceLength + TagLength)
            throw Corrupt(stored, "is cut short", null);
        var name = Encoding.ASCII.GetString(value[..end]);
        if (keys.Find(name) is not { } key)
            throw Corrupt(stored, $"is encrypted with the key \"{name}\", which is not in the encryption key file", null);
        var body = value[(end + 1)..];
        var json = new byte[body.Length - NonceLength - TagLength];
        using var aes = new AesGcm(key.Key, TagLength);
        try
        {
            aes.Decrypt(body[..NonceLength], body[NonceLength..^TagLength], body[^TagLength..], json, Encoding.UTF8.GetBytes(stored.Key));
        }
        catch (AuthenticationTagMismatchException error)
        {
            throw Corrupt(stored, "was changed since it was written", error);
        }
        return json;
    }

    private static StoreException Corrupt(StoredValue stored, string what, Exception? inner) =>
        new(StoreFault.Corrupt, $"The stored value of {stored.Key} {what}.", inner);
}
