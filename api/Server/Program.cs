using ControlPlane.Api.Server;
using ControlPlane.Api.Server.Hosting;
using ControlPlane.Api.Storage;

try
{
    var options = CommandLine.Parse(args);
    await using var server = await ApiServer.StartAsync(options);
    await server.WaitForStopAsync();
    return 0;
}
catch (Exception error) when (error is ArgumentException or OptionsException or StoreException or FormatException or IOException)
{
    // What the operator can mend is one sentence, not a stack trace.
    await Console.Error.WriteLineAsync($"api-server: {error.Message}");
    return 1;
}
