using ControlPlane.Agent;

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
