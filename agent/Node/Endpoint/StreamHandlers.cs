using System.Net.Sockets;
using ControlPlane.Agent.Linux;
using ControlPlane.Agent.Pods;
using ControlPlane.Agent.Shim.Contract;
using ControlPlane.Agent.Shims;
using ControlPlane.Agent.Streaming.Commands;
using ControlPlane.Agent.Streaming.Forwarding;

namespace ControlPlane.Agent.Endpoint;

/// <summary>exec, attach and portForward: finds the container, and lets the stream servers do the rest through its shim.</summary>
internal static class StreamHandlers
{
    public static Task ExecAsync(HttpContext context, string ns, string pod, string container, PodManager pods, RemoteCommandServer server)
    {
        var request = RemoteCommandRequest.FromQuery(context.Request.Query);
        var worker = PodLookup.Require(pods, ns, pod, container);
        var run = PodLookup.RequireRunning(worker, container);
        if (request.Command.Count == 0)
            throw new EndpointException(StatusCodes.Status400BadRequest, "you must specify at least one command for the container");
        return server.ServeAsync(context, request, async cancellation => await ShimRemoteProcess.OpenAsync(
            Shim(worker).ExecAsync(
                new ExecRequest { Id = run.Id, Args = request.Command, Terminal = request.Tty, Stdin = request.Stdin }, cancellation),
            request));
    }

    public static Task AttachAsync(HttpContext context, string ns, string pod, string container, PodManager pods, RemoteCommandServer server)
    {
        var worker = PodLookup.Require(pods, ns, pod, container);
        var run = PodLookup.RequireRunning(worker, container);
        var spec = PodSpecs.Find(worker.State.Pod, container)!;
        var asked = RemoteCommandRequest.FromQuery(context.Request.Query);
        var request = asked with { Command = [], Tty = spec.Tty == true, Stdin = asked.Stdin && spec.Stdin == true };
        return server.ServeAsync(context, request, async cancellation => await ShimRemoteProcess.OpenAsync(
            Shim(worker).AttachAsync(new AttachRequest(run.Id, request.Stdin), cancellation), request));
    }

    public static Task PortForwardAsync(HttpContext context, string ns, string pod, PodManager pods, PortForwardServer server)
    {
        var worker = PodLookup.Require(pods, ns, pod);
        var path = PodNamespaces.Find(worker.Sandbox.Paths.Root).Network
            ?? throw new EndpointException(StatusCodes.Status400BadRequest, $"pod \"{ns}/{pod}\" does not run");
        return server.ServeAsync(context, async (port, cancellation) =>
        {
            // From inside the pod, so that programs that listen on the loopback address only are reached too.
            var socket = await NamespaceSocket.CreateTcpAsync(path);
            try
            {
                await socket.ConnectAsync(System.Net.IPAddress.Loopback, port, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException e)
            {
                socket.Dispose();
                throw new IOException($"failed to connect to localhost:{port} inside the pod: {e.Message}", e);
            }
        });
    }

    private static ShimClient Shim(PodWorker worker) =>
        worker.Sandbox.Shim ?? throw new EndpointException(StatusCodes.Status400BadRequest, "the pod's shim is not available");
}
