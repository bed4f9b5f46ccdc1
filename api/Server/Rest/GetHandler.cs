using ControlPlane.Api.Server.Errors;
using ControlPlane.Api.Server.Registry;
using ControlPlane.Api.Server.Watching;

namespace ControlPlane.Api.Server.Rest;

/// <summary>Reads one object.</summary>
internal sealed class GetHandler(ResourceStore store, WatchHub hub, TimeProvider time) : IVerbHandler
{
    /// <summary>How long a read waits for a revision that has not happened yet.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public async Task HandleAsync(RestCall call)
    {
        var writer = ObjectResponses.Negotiate(call, time);
        var value = await ReadAsync(call) ?? throw ApiErrors.NotFound(call.Definition, call.Name);
        await ObjectResponses.WriteAsync(call, 200, writer, value);
    }

    private async ValueTask<StoredObject?> ReadAsync(RestCall call)
    {
        var wanted = ListOptions.ParseVersion(call.Http.Request.Query["resourceVersion"].ToString());
        if (wanted is not { } version)
            return await store.GetAsync(call.Definition, call.Namespace, call.Name, call.Aborted);
        if (!await hub.WaitForAsync(version, Patience, call.Aborted))
            throw ApiErrors.VersionTooLarge(version, hub.Revision);
        return store.CacheOf(call.Definition).Find(call.Namespace, call.Name);
    }
}
