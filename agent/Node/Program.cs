using ControlPlane.Agent;
using ControlPlane.Api.Client;

try
{
    if (args is ["cleanup", .. var rest])
        return await NodeAgent.CleanUpAsync(AgentOptions.Load(rest), CancellationToken.None) ? 0 : 1;
    await using var agent = NodeAgent.Build(AgentOptions.Load(args));
    await agent.RunAsync();
    return 0;
}
catch (AgentOptionsException e)
{
    foreach (var problem in e.Problems)
        Console.Error.WriteLine(problem);
    return 2;
}
catch (ClientConfigException e)
{
    Console.Error.WriteLine($"--kubeconfig: {e.Message}");
    return 2;
}
