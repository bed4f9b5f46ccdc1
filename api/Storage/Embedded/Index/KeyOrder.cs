namespace ControlPlane.Api.Storage.Embedded.Index;

/// <summary>
/// The order of keys' UTF-8 bytes, computed on UTF-16. The two differ only where a surrogate meets U+E000 or above:
/// code points beyond the BMP sort last in UTF-8 but their surrogates (D800–DFFF) do not in UTF-16.
/// </summary>
internal static class KeyOrder
{
    public static int Compare(string left, string right)
    {
        int common = left.AsSpan().CommonPrefixLength(right);
        return common == left.Length || common == right.Length
            ? left.Length - right.Length
            : Rank(left[common]) - Rank(right[common]);
    }

    private static int Rank(char c) => char.IsSurrogate(c) ? c + 0x10000 : c;
}
