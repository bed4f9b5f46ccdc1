namespace ControlPlane.Agent.Images.Unpacking;

/// <summary>An entry's place inside the layer: a directory ("" is the root) and a last name ("" for the root itself).</summary>
internal readonly record struct LayerPath(string Directory, string Leaf)
{
    private const int MaxComponent = 255;
    private const int MaxPath = 4095;

    public bool IsRoot => Leaf.Length == 0;

    public string Full => Directory.Length == 0 ? Leaf : Directory + "/" + Leaf;

    /// <summary>Normalizes an archive's name; one that could name anything outside the layer is refused.</summary>
    public static LayerPath Parse(string name)
    {
        if (name.Length > MaxPath || name.Contains('\0'))
            throw Refused(name, "is not a file name");
        var parts = name.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var kept = 0;
        foreach (var part in parts)
        {
            if (part == "..")
                throw Refused(name, "leaves the layer");
            if (part.Length > MaxComponent)
                throw Refused(name, "is not a file name");
            if (part != ".")
                parts[kept++] = part;
        }

        return kept == 0 ? new LayerPath("", "") : new LayerPath(string.Join('/', parts, 0, kept - 1), parts[kept - 1]);
    }

    private static InvalidImageException Refused(string name, string why) =>
        new($"the layer was refused: the entry \"{ByteString.Display(name)}\" {why}");
}
