namespace ControlPlane.Api.Client.Transport;

/// <summary>The token of the configuration, read again now and then when it is in a file.</summary>
internal sealed class BearerToken(ClientConfig config, TimeProvider time)
{
    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private string? _token = config.Token;
    private long? _readAt;

    /// <summary>The token; <c>null</c> when there is none or the connection is not encrypted.</summary>
    public string? Current
    {
        get
        {
            if (config.Server.Scheme != Uri.UriSchemeHttps)
                return null;
            if (config.TokenFile is null)
                return _token;
            lock (_gate)
            {
                if (_readAt is null || time.GetElapsedTime(_readAt.Value) >= Freshness)
                {
                    _token = File.ReadAllText(config.TokenFile).Trim();
                    _readAt = time.GetTimestamp();
                }
                return _token;
            }
        }
    }

    /// <summary>The server refused the token: read the file again next time.</summary>
    public void Refused()
    {
        lock (_gate)
            _readAt = null;
    }
}
