using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using ControlPlane.Agent.Streaming.Commands;
using ControlPlane.Agent.Streaming.Forwarding;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Tests.Streaming;

/// <summary>Just enough API for kubectl to exec into, copy from and forward to one pod, whose programs are processes of this machine.</summary>
internal sealed class OnePodServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OnePodServer(WebApplication app) => _app = app;

    public string Url => _app.Urls.First();

    public static async Task<OnePodServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<RemoteCommandServer>().AddSingleton<PortForwardServer>();
        var app = builder.Build();
        app.UseWebSockets();
        const string Pod = "/api/v1/namespaces/default/pods/p";
        app.MapGet("/version", () => Results.Text("""{"major":"1","minor":"32","gitVersion":"v1.32.0"}""", "application/json"));
        app.MapGet("/api", () => Json(new JsonObject { ["kind"] = "APIVersions", ["versions"] = new JsonArray("v1") }));
        app.MapGet("/apis", () => Json(new JsonObject { ["kind"] = "APIGroupList", ["apiVersion"] = "v1", ["groups"] = new JsonArray() }));
        app.MapGet("/api/v1", () => Results.Text(
            """{"kind":"APIResourceList","groupVersion":"v1","resources":[{"name":"pods","singularName":"pod","namespaced":true,"kind":"Pod","verbs":["get"]}]}""", "application/json"));
        app.MapGet(Pod, () => Results.Text(
            """
            {"kind":"Pod","apiVersion":"v1","metadata":{"name":"p","namespace":"default","uid":"u"},"spec":{"containers":[{"name":"c","image":"i"}]},
             "status":{"phase":"Running"}}
            """, "application/json"));
        app.MapMethods(Pod + "/exec", ["GET", "POST"], (HttpContext context, RemoteCommandServer server) =>
        {
            var request = RemoteCommandRequest.FromQuery(context.Request.Query);
            return server.ServeAsync(context, request, _ => Task.FromResult<IRemoteProcess>(new LocalProcess(request)));
        });
        app.MapMethods(Pod + "/portforward", ["GET", "POST"], (HttpContext context, PortForwardServer server) => server.ServeAsync(context, ConnectAsync));
        await app.StartAsync();
        return new OnePodServer(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static IResult Json(JsonObject body) => Results.Text(body.ToJsonString(), "application/json");

    private static async Task<Stream> ConnectAsync(int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private sealed class LocalProcess : IRemoteProcess
    {
        private readonly Process _process;

        public LocalProcess(RemoteCommandRequest request)
        {
            var start = new ProcessStartInfo(request.Command[0]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (var argument in request.Command.Skip(1))
                start.ArgumentList.Add(argument);
            _process = Process.Start(start)!;
            if (!request.Stdin)
                _process.StandardInput.Close();
        }

        public Stream Stdin => _process.StandardInput.BaseStream;

        public Stream Stdout => _process.StandardOutput.BaseStream;

        public Stream Stderr => _process.StandardError.BaseStream;

        public ValueTask ResizeAsync(TerminalSize size, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public async Task<int> WaitForExitAsync(CancellationToken cancellationToken)
        {
            await _process.WaitForExitAsync(cancellationToken);
            return _process.ExitCode;
        }

        public ValueTask DisposeAsync()
        {
            if (!_process.HasExited)
                _process.Kill(entireProcessTree: true);
            _process.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
