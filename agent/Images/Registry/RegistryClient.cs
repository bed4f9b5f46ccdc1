using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using ControlPlane.Agent.Images.Oci;
using ControlPlane.Agent.Images.Store;

namespace ControlPlane.Agent.Images.Registry;

/// <summary>The OCI distribution protocol for one repository, as far as pulling goes.</summary>
internal sealed class RegistryClient(RegistryHttp http, ImageReference reference, RegistryCredentials? credentials, TimeProvider time)
{
    private const int MaxRedirects = 5;
    private const int MaxTries = 5;
    private const int MaxManifestBytes = 4 << 20;
    private static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(60);

    private readonly Uri _base = RegistryHttp.BaseAddress(reference.Registry);
    private readonly RegistryAuthenticator _authenticator = new(http, reference, credentials);

    /// <summary>The digest the registry has under the name now, or null when it does not say.</summary>
    public async Task<Digest?> HeadManifestAsync(CancellationToken cancellation)
    {
        using var response = await SendAsync(HttpMethod.Head, $"manifests/{reference.ManifestName}", AcceptManifests, cancellation);
        EnsureSuccess(response, null);
        return response.Headers.TryGetValues("Docker-Content-Digest", out var values) && Digest.TryParse(values.First(), out var digest)
            ? digest
            : null;
    }

    public async Task<RegistryManifest> GetManifestAsync(string name, CancellationToken cancellation)
    {
        using var response = await SendAsync(HttpMethod.Get, $"manifests/{name}", AcceptManifests, cancellation);
        if (!response.IsSuccessStatusCode)
            EnsureSuccess(response, await ReadErrorsAsync(response, cancellation));
        var content = await ReadLimitedAsync(response, cancellation);
        var digest = Digest.Of(content);
        // A pinned digest is the user's demand; the header is the registry's own claim. Neither may differ from what came.
        foreach (var claim in response.Headers.TryGetValues("Docker-Content-Digest", out var values) ? [name, values.First()] : new[] { name })
            if (Digest.TryParse(claim, out var expected) && expected != digest)
                throw new InvalidImageException($"the manifest was refused: expected {expected}, got {digest}");
        return new RegistryManifest(digest, content, response.Content.Headers.ContentType?.MediaType);
    }

    /// <summary>
    /// Downloads a blob into the store, continuing what an earlier try left. Transport faults are tried again from where
    /// they struck.
    /// </summary>
    /// <param name="received">Told how many bytes came; a negative number takes back what must be sent again.</param>
    public async Task DownloadAsync(Descriptor blob, BlobStore blobs, Action<long> received, CancellationToken cancellation)
    {
        using var writer = blobs.ResumeWrite(blob.ParsedDigest);
        received(writer.Length);
        for (var tries = 1; writer.Length != blob.Size || tries == 1; tries++)
        {
            if (writer.Length > blob.Size)
                Restart(writer, received);
            if (writer.Length == blob.Size && blob.Size > 0)
                break;
            try
            {
                await DownloadOnceAsync(blob, writer, received, cancellation);
                if (writer.Length == blob.Size)
                    break;
                throw new HttpIOException(HttpRequestError.ResponseEnded, $"the registry sent {writer.Length} of {blob.Size} bytes");
            }
            catch (Exception e) when (IsTransient(e) && tries < MaxTries && !cancellation.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200 << tries), time, cancellation);
            }
        }

        writer.Commit(blob.ParsedDigest, blob.Size);
    }

    private async Task DownloadOnceAsync(Descriptor blob, BlobWriter writer, Action<long> received, CancellationToken cancellation)
    {
        var from = writer.Length;
        using var response = await SendAsync(
            HttpMethod.Get, $"blobs/{blob.Digest}",
            request => request.Headers.Range = from > 0 ? new RangeHeaderValue(from, null) : null, cancellation);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            Restart(writer, received);
            throw new HttpIOException(HttpRequestError.InvalidResponse, "the registry cannot continue the download");
        }

        if (!response.IsSuccessStatusCode)
            EnsureSuccess(response, await ReadErrorsAsync(response, cancellation));
        if (from > 0 && (response.StatusCode != HttpStatusCode.PartialContent || response.Content.Headers.ContentRange?.From != from))
        {
            Restart(writer, received);
            if (response.StatusCode == HttpStatusCode.PartialContent)
                throw new HttpIOException(HttpRequestError.InvalidResponse, "the registry sent another range than asked for");
        }

        await CopyAsync(response, blob, writer, received, cancellation);
    }

    private static async Task CopyAsync(
        HttpResponseMessage response, Descriptor blob, BlobWriter writer, Action<long> received, CancellationToken cancellation)
    {
        var buffer = new byte[256 * 1024];
        await using var body = await response.Content.ReadAsStreamAsync(cancellation);
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        while (true)
        {
            silence.CancelAfter(SilenceLimit);
            int count;
            try
            {
                count = await body.ReadAsync(buffer, silence.Token);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw new TimeoutException($"the registry sent nothing for {SilenceLimit.TotalSeconds:0} seconds");
            }

            if (count == 0)
                return;
            if (writer.Length + count > blob.Size)
                throw new InvalidImageException($"{blob.Digest} was refused: the registry sends more than the {blob.Size} bytes it announced");
            await writer.WriteAsync(buffer.AsMemory(0, count), cancellation);
            received(count);
        }
    }

    private static void Restart(BlobWriter writer, Action<long> received)
    {
        received(-writer.Length);
        writer.Restart();
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, Action<HttpRequestMessage> prepare, CancellationToken cancellation)
    {
        for (var answered = false; ; answered = true)
        {
            var response = await FollowAsync(method, new Uri(_base, $"/v2/{reference.Repository}/{path}"), prepare, cancellation);
            if (response.StatusCode != HttpStatusCode.Unauthorized)
                return response;
            using (response)
                if (answered || !await _authenticator.AnswerAsync(response, cancellation))
                    throw new ImagePullException(ImagePullFailure.Unauthorized, UnauthorizedMessage());
        }
    }

    private async Task<HttpResponseMessage> FollowAsync(
        HttpMethod method, Uri address, Action<HttpRequestMessage> prepare, CancellationToken cancellation)
    {
        var origin = address;
        for (var redirects = 0; ; redirects++)
        {
            using var request = new HttpRequestMessage(method, address);
            prepare(request);
            if (Uri.Compare(address, origin, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0)
                _authenticator.Apply(request);
            var response = await http.SendAsync(request, cancellation);
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location)
                return response;
            response.Dispose();
            address = new Uri(address, location);
            if (redirects == MaxRedirects || !RegistryHttp.IsPrivate(address))
                throw new ImagePullException(
                    ImagePullFailure.RegistryUnavailable, $"{reference}: {reference.Registry} redirects too often or to a place that is not https");
        }
    }

    private void EnsureSuccess(HttpResponseMessage response, string? detail)
    {
        if (response.IsSuccessStatusCode)
            return;
        throw (int)response.StatusCode switch
        {
            404 => new ImagePullException(
                ImagePullFailure.ManifestUnknown,
                $"{reference} does not exist in {reference.Registry}: check the name and the tag{Detail(detail)}"),
            401 or 403 => new ImagePullException(ImagePullFailure.Unauthorized, UnauthorizedMessage() + Detail(detail)),
            429 or >= 500 => new HttpRequestException(
                $"{reference.Registry} answered {(int)response.StatusCode}{Detail(detail)}", null, response.StatusCode),
            var status => new ImagePullException(
                ImagePullFailure.RegistryUnavailable, $"{reference}: {reference.Registry} answered {status}{Detail(detail)}"),
        };
    }

    private string UnauthorizedMessage() => credentials is null
        ? $"{reference}: {reference.Registry} wants credentials: name a secret in imagePullSecrets, or check that the image exists"
        : $"{reference}: {reference.Registry} refuses the credentials of \"{credentials.Username}\": check the pull secret and its access";

    private static string Detail(string? detail) => string.IsNullOrEmpty(detail) ? "" : $" ({detail})";

    /// <summary>Whether it is the transport that failed, so that another try may help.</summary>
    public static bool IsTransient(Exception e) => e is HttpRequestException or HttpIOException or TimeoutException
        || (e is IOException { InnerException: System.Net.Sockets.SocketException });

    private static void AcceptManifests(HttpRequestMessage request)
    {
        foreach (var mediaType in MediaTypes.Manifests)
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(mediaType));
    }

    private static async Task<string?> ReadErrorsAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.Content.Headers.ContentType?.MediaType != "application/json")
            return null;
        try
        {
            var errors = await response.Content.ReadFromJsonAsync(OciJson.Default.RegistryErrors, cancellation);
            return errors is null ? null : string.Join("; ", errors.Errors.Select(error => error.Message));
        }
        catch (JsonException)
        {
            // The status says enough; the body was only to explain it.
            return null;
        }
    }

    private static async Task<byte[]> ReadLimitedAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellation);
        using var content = new MemoryStream();
        var buffer = new byte[32 * 1024];
        for (int count; (count = await body.ReadAsync(buffer, cancellation)) > 0;)
        {
            content.Write(buffer, 0, count);
            if (content.Length > MaxManifestBytes)
                throw new InvalidImageException($"the manifest was refused: it has more than {MaxManifestBytes} bytes");
        }

        return content.ToArray();
    }
}
