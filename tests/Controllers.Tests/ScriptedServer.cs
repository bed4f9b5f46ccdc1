using System.Collections.Concurrent;
using System.Net;
using System.Text;
using ControlPlane.Api.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Controllers.Tests;

/// <summary>A real HTTP server on loopback that answers as the test says, and remembers what it was asked.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ScriptedServer(WebApplication app) => _app = app;

    public ConcurrentQueue<AskedRequest> Asked { get; } = new();

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public static async Task<ScriptedServer> StartAsync(Func<AskedRequest, HttpResponse, Task> answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static options => options.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var server = new ScriptedServer(app);
        app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
            var asked = new AskedRequest(
                context.Request.Method,
                context.Request.Path + context.Request.QueryString,
                await reader.ReadToEndAsync(),
                context.Request.Headers.ToDictionary(static h => h.Key, static h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase));
            server.Asked.Enqueue(asked);
            await answer(asked, context.Response);
        });
        await app.StartAsync();
        return server;
    }

    public ApiClient Client(TimeProvider? time = null) => new(new ClientConfig { Server = Address, RequestTimeout = TimeSpan.FromSeconds(5) }, time);

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}

internal sealed record AskedRequest(string Method, string Target, string Body, IReadOnlyDictionary<string, string> Headers);

internal static class Answers
{
    public static Task JsonAsync(this HttpResponse response, string json, int status = 200)
    {
        response.StatusCode = status;
        response.ContentType = "application/json";
        return response.WriteAsync(json);
    }

    public static Task StatusAsync(this HttpResponse response, int code, string reason, string message = "no") =>
        response.JsonAsync($$"""{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"{{reason}}","message":"{{message}}","code":{{code}}}""", code);

    public static async Task LineAsync(this HttpResponse response, string json)
    {
        await response.WriteAsync(json + "\n");
        await response.Body.FlushAsync();
    }
}
