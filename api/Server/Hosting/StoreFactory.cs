using ControlPlane.Api.Storage;
using ControlPlane.Api.Storage.Embedded;
using ControlPlane.Api.Storage.Etcd;

namespace ControlPlane.Api.Server.Hosting;

/// <summary>Opens the store that a URI names.</summary>
internal static class StoreFactory
{
    private const string EmbeddedScheme = "embedded://";

    public static async Task<IRevisionStore> OpenAsync(string uri, TimeProvider time, CancellationToken cancellationToken)
    {
        if (uri.StartsWith(EmbeddedScheme, StringComparison.Ordinal))
            return await EmbeddedRevisionStore.OpenAsync(new EmbeddedStoreOptions(uri[EmbeddedScheme.Length..]), time: time, cancellationToken: cancellationToken);
        return await EtcdRevisionStore.ConnectAsync(EtcdStoreOptions.Parse(uri), cancellationToken, time);
    }

    /// <summary>Where the key that encrypts Secrets is kept when no file is named; null = nowhere.</summary>
    public static string? DefaultKeyFile(string uri) =>
        uri.StartsWith(EmbeddedScheme, StringComparison.Ordinal) ? uri[EmbeddedScheme.Length..].TrimEnd('/') + ".encryption.key" : null;
}
