using System.Security.Cryptography.X509Certificates;
using ControlPlane.Agent.Pods;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Serialization;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace ControlPlane.Agent.Endpoint;

/// <summary>
/// The HTTPS endpoint that the API server calls, with a kubelet's paths. Nobody else gets past the handshake: the caller's certificate
/// must come from the agents' client authority and name its organization.
/// </summary>
internal static class NodeEndpoint
{
    /// <summary>Listens as the options say; without a certificate and an authority there is no endpoint at all.</summary>
    public static void Configure(KestrelServerOptions kestrel, AgentOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MinResponseDataRate = null;
        var listen = new Uri(options.Listen);
        var certificate = X509Certificate2.CreateFromPemFile(options.TlsCertificate, options.TlsKey);
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(options.ClientCa);
        kestrel.Listen(System.Net.IPAddress.Parse(listen.Host), listen.Port, socket =>
        {
            // Streams are upgraded connections, which only HTTP/1.1 has.
            socket.Protocols = HttpProtocols.Http1;
            socket.UseHttps(new HttpsConnectionAdapterOptions
            {
                ServerCertificate = certificate,
                ClientCertificateMode = ClientCertificateMode.RequireCertificate,
                ClientCertificateValidation = (client, _, _) => IsAllowed(client, authorities, options.ClientOrganization),
            });
        });
    }

    public static void Map(WebApplication app)
    {
        app.MapGet("/healthz", () => "ok");
        app.MapGet("/pods", ListPods);
        app.MapGet("/stats/summary", (StatsSummary stats) => Results.Json(stats.Build(), ApiJson.Options));
        app.MapGet("/metrics", (AgentMetrics metrics) => Results.Text(metrics.Write(), "text/plain; version=0.0.4"));
        app.MapGet("/containerLogs/{ns}/{pod}/{container}", ContainerLogs.ServeAsync);
        foreach (var path in new[] { "/exec/{ns}/{pod}/{container}", "/exec/{ns}/{pod}/{uid}/{container}" })
            app.MapMethods(path, ["GET", "POST"], StreamHandlers.ExecAsync);
        foreach (var path in new[] { "/attach/{ns}/{pod}/{container}", "/attach/{ns}/{pod}/{uid}/{container}" })
            app.MapMethods(path, ["GET", "POST"], StreamHandlers.AttachAsync);
        foreach (var path in new[] { "/portForward/{ns}/{pod}", "/portForward/{ns}/{pod}/{uid}" })
            app.MapMethods(path, ["GET", "POST"], StreamHandlers.PortForwardAsync);
    }

    internal static bool IsAllowed(X509Certificate2 client, X509Certificate2Collection authorities, string organization)
    {
        using var chain = new X509Chain
        {
            ChainPolicy =
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                ApplicationPolicy = { new System.Security.Cryptography.Oid("1.3.6.1.5.5.7.3.2") },
            },
        };
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        return chain.Build(client)
            && client.SubjectName.EnumerateRelativeDistinguishedNames().Any(n => !n.HasMultipleElements && n.GetSingleElementType().Value == "2.5.4.10" && n.GetSingleElementValue() == organization);
    }

    private static IResult ListPods(PodManager pods) => Results.Json(
        new ResourceList<Pod> { ApiVersion = "v1", Kind = "PodList", Items = [.. pods.Workers.Select(w => w.State.Pod)] }, ApiJson.Options);
}
