using System.Net;
using System.Runtime.CompilerServices;
using ControlPlane.Api.Client;
using ControlPlane.Api.Coordination.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Serialization;

namespace ControlPlane.Controllers.Tests;

/// <summary>One lease as the server keeps it: replaced only in the version that was read. Can be cut off.</summary>
internal sealed class LeaseServer : IApiClient
{
    private readonly Lock _gate = new();
    private Lease? _stored;
    private int _version;

    /// <summary>Requests get no answer.</summary>
    public bool IsCut { get; set; }

    /// <summary>Writes happen, but their answers are lost.</summary>
    public bool LosesAnswers { get; set; }

    public Lease? Stored
    {
        get
        {
            lock (_gate)
                return _stored;
        }
    }

    public Task<T> SendAsync<T>(ApiRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (IsCut)
                throw new ApiUnreachableException(request, new IOException("cut"));
            var answer = Answer(request);
            if (LosesAnswers && request.IsWrite)
                throw new ApiUnreachableException(request, new IOException("answer lost"));
            return Task.FromResult((T)(object)answer);
        }
    }

    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(ApiRequest request, [EnumeratorCancellation] CancellationToken cancellationToken) where T : class
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        yield break;
    }

    private Lease Answer(ApiRequest request)
    {
        if (request.Method == HttpMethod.Get)
            return _stored ?? throw Refusal(HttpStatusCode.NotFound, StatusReason.NotFound);
        var wanted = ApiJson.Deserialize<Lease>(request.Body.Span);
        if (request.Method == HttpMethod.Post && _stored is not null)
            throw Refusal(HttpStatusCode.Conflict, StatusReason.AlreadyExists);
        if (request.Method == HttpMethod.Put && wanted.Metadata.ResourceVersion != _stored?.Metadata.ResourceVersion)
            throw Refusal(HttpStatusCode.Conflict, StatusReason.Conflict);
        return _stored = wanted with { Metadata = wanted.Metadata with { ResourceVersion = $"{++_version}" } };
    }

    private static ApiException Refusal(HttpStatusCode code, string reason) => new(new Status { Code = (int)code, Reason = reason });
}
