using ControlPlane.Api.Storage.Embedded.Files;

namespace ControlPlane.Api.Storage.Embedded;

/// <summary>The refusal to serve data that is not what was written.</summary>
internal static class Corruption
{
    public static StoreException At(IStoreFiles files, string name, long offset, string what) => new(
        StoreFault.Corrupt,
        $"The store is damaged: {files.Describe(name)} at byte {offset}: {what}. Nothing was changed. "
        + "Restore the directory from a backup, or check the disk; do not delete single files.");
}
