using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ControlPlane.Controllers.Hosting;

/// <summary>The controllers as a service of the generic host: they run until a signal, or until the first of them fails and with it the process.</summary>
internal sealed class ControllersService(ControllerHost controllers) : BackgroundService
{
    /// <summary>Runs until SIGTERM, SIGINT or the first failure, which it throws.</summary>
    public static async Task RunAsync(ControllerHost controllers)
    {
        // Settings and logs are the runtime's own, shared with hosts that tests start in process; the host brings signals and the order of ending.
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddHostedService(_ => new ControllersService(controllers));
        using var host = builder.Build();
        await host.RunAsync().ConfigureAwait(false);
        if (controllers.Failed.IsCompleted)
            await controllers.Failed.ConfigureAwait(false);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        controllers.Start();
        return controllers.Failed.WaitAsync(stoppingToken);
    }
}
