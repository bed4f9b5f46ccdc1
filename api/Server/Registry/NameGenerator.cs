using System.Security.Cryptography;

namespace ControlPlane.Api.Server.Registry;

/// <summary>Names from a prefix, without vowels and look-alikes so that they form no words.</summary>
internal static class NameGenerator
{
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";
    private const int MaxPrefix = 58;
    private const int SuffixLength = 5;

    public static string Generate(string prefix) =>
        string.Concat(prefix.AsSpan(0, Math.Min(prefix.Length, MaxPrefix)), RandomNumberGenerator.GetString(Alphabet, SuffixLength));
}
