using System.Net;
using System.Net.Sockets;
using ControlPlane.Api.Client;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Controllers;
using ControlPlane.Controllers.Caching;
using ControlPlane.Testing;

namespace ControlPlane.Functional.Controllers;

public sealed class ReportingTests : ControllerFixture
{
    [Fact]
    public async Task Events_Repeated_AreOneWithACount()
    {
        Start(static builder => AddComplainer(builder));
        var map = await CreateMapAsync("annoying");

        var events = await Eventually.BeAsync(
            async () => (await Client.ListAsync<Event>(new ListOptions { Namespace = "default", FieldSelector = "involvedObject.uid=" + map.Metadata.Uid }, Soon)).Items,
            static all => all.Sum(static e => e.Count ?? 0) >= 3, "the event has been counted", WorldAsync);

        var seen = Assert.Single(events);
        Assert.Equal(("Warning", "Annoyed", "It is annoying.", "complainer"), (seen.Type, seen.Reason, seen.Message, seen.Source?.Component));
        Assert.Equal(("v1", "ConfigMap", "annoying"), (seen.InvolvedObject.ApiVersion, seen.InvolvedObject.Kind, seen.InvolvedObject.Name));
    }

    [Fact]
    public async Task HealthEndpoint_OfARunningHost_TellsHealthAndFigures()
    {
        var port = FreePort();
        Start(static builder => AddComplainer(builder), listen: $"127.0.0.1:{port}");
        await CreateMapAsync("annoying");
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        await Eventually.BeAsync(() => IsOkAsync(http, "/readyz"), "the host is ready", WorldAsync);
        Assert.True(await IsOkAsync(http, "/healthz"));
        var figures = await Eventually.BeAsync(
            () => http.GetStringAsync("/metrics"), static text => text.Contains("controller_runtime_reconcile_total{controller=\"complainer\",result=\"requeue_after\"}", StringComparison.Ordinal), "reconciliations are counted", WorldAsync);
        Assert.Contains("workqueue_adds_total{name=\"complainer\"}", figures, StringComparison.Ordinal);
        Assert.Contains("workqueue_queue_duration_seconds_bucket{name=\"complainer\",le=\"+Inf\"}", figures, StringComparison.Ordinal);
        Assert.Contains("rest_client_requests_total{code=\"200\"", figures, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/secrets")).StatusCode);
    }

    [Fact]
    public async Task FailingLoop_EndsTheHost()
    {
        var host = Start(static builder => builder.AddController("broken", static controller => controller
            .Runs(static (_, _) => Task.FromException(new InvalidOperationException("no good")))));

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => host.Failed.WaitAsync(TimeSpan.FromSeconds(20)));

        Assert.Contains("no good", failure.Message, StringComparison.Ordinal);
    }

    private static void AddComplainer(ControllerHostBuilder builder) => builder.AddController("complainer", static controller => controller
        .For<ConfigMap>()
        .Reconciles(static context => new Complainer(context, context.Cache<ConfigMap>())));

    private static async Task<bool> IsOkAsync(HttpClient http, string path)
    {
        try
        {
            return (await http.GetAsync(path)).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class Complainer(ControllerContext context, ObjectCache<ConfigMap> maps) : IReconciler
    {
        public Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
        {
            if (!maps.TryGet(key, out var map) || key.Name != "annoying")
                return Task.FromResult(ReconcileResult.Done);
            context.Events.Warning(map, "Annoyed", "It is annoying.");
            return Task.FromResult(ReconcileResult.LookAgainAfter(TimeSpan.FromSeconds(1)));
        }
    }
}
