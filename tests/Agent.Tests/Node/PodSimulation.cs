using ControlPlane.Agent.Pods;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;

namespace ControlPlane.Agent.Tests.Node;

/// <summary>
/// A node without a machine: carries out what the planner says, with outcomes, delays, crashes of the agent, of shims and of containers
/// chosen by a seeded generator, and checks after every step what must never be otherwise.
/// </summary>
internal sealed class PodSimulation(int seed)
{
    private readonly Random _random = new(seed);
    private readonly List<(DateTimeOffset At, PodEvent Event)> _pending = [];
    private readonly HashSet<string> _running = [];
    private readonly HashSet<string> _everStarted = [];
    private bool _sandboxExists;

    public DateTimeOffset Now { get; private set; } = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public PodState State { get; private set; } = null!;

    public bool Removed { get; private set; }

    public int Starts => _everStarted.Count;

    public static Pod MakePod(string policy, int inits, int containers) => new()
    {
        Metadata = new ObjectMeta { Name = "p", Namespace = "ns", Uid = "uid-1" },
        Spec = new PodSpec
        {
            RestartPolicy = policy,
            TerminationGracePeriodSeconds = 5,
            InitContainers = [.. Enumerable.Range(0, inits).Select(i => new Container { Name = "i" + i, Image = "x" })],
            Containers = [.. Enumerable.Range(0, containers).Select(i => new Container { Name = "c" + i, Image = "x" })],
        },
    };

    public void Begin(Pod pod) => State = PodState.Of(pod, "boot", Now);

    public void Delete() => Apply(new PodEvent.DesiredChanged(State.Pod with
    {
        Metadata = State.Pod.Metadata with { DeletionTimestamp = Now.AddSeconds(5), DeletionGracePeriodSeconds = 5 },
    }));

    /// <summary>Runs until nothing is left to do, or for so many steps.</summary>
    public void Run(int steps, bool disturb)
    {
        for (var i = 0; i < steps && !Removed; i++)
        {
            if (disturb && _random.Next(12) == 0)
                Disturb();
            Step();
        }
    }

    private void Step()
    {
        var plan = PodPlanner.Plan(State, Now);
        foreach (var action in plan.Actions)
        {
            State = PodTransitions.Begin(State, action);
            Perform(action);
        }

        if (plan.Actions.Any(a => a is PodAction.BeginStop))
            return;
        var next = _pending.Count > 0 ? _pending.Min(p => p.At) : (DateTimeOffset?)null;
        var look = plan.NextLook is { } l && (next is null || l < next) ? l : next;
        if (look is { } time && time > Now)
            Now = time;
        else if (look is null)
            Now += TimeSpan.FromSeconds(1);
        foreach (var due in _pending.Where(p => p.At <= Now).OrderBy(p => p.At).ToList())
        {
            _pending.Remove(due);
            Apply(due.Event);
        }
    }

    private void Perform(PodAction action)
    {
        switch (action)
        {
            case PodAction.SetUpSandbox:
                Assert.Empty(_running);
                _sandboxExists = true;
                Later(_random.Next(4) == 0 ? new PodEvent.SandboxFailed("FailedCreatePodSandBox", "no") : new PodEvent.SandboxReady("10.0.0.1"));
                break;
            case PodAction.TearDownSandbox:
                foreach (var id in _running.ToList())
                    End(id, 137);
                if (_random.Next(4) == 0)
                {
                    Later(new PodEvent.SandboxRemovalFailed("no"));
                    break;
                }

                _sandboxExists = false;
                Later(new PodEvent.SandboxRemoved());
                break;
            case PodAction.EnsureImage(var name):
                Later(_random.Next(4) == 0 ? new PodEvent.StartHindered(name, "ErrImagePull", "no") : new PodEvent.ImageReady(name));
                break;
            case PodAction.StartContainer(var name, var attempt):
                Start(name, attempt);
                break;
            case PodAction.StopContainer(var name, _, _) when _random.Next(2) == 0:
                EndOf(name, 143);
                break;
            case PodAction.KillContainer(var name):
                EndOf(name, 137);
                break;
            case PodAction.CleanRun(var name):
                Assert.DoesNotContain(State[name].Run!.Id, _running);
                Later(new PodEvent.RunCleaned(name, State[name].Run!.Id), new PodEvent.OperationEnded(name));
                break;
            case PodAction.CancelPreparations:
                CancelAll();
                break;
            case PodAction.RemovePod:
                Assert.Empty(_running);
                Assert.False(_sandboxExists, "the pod is removed while its sandbox exists");
                Removed = true;
                break;
        }
    }

    private void Start(string name, int attempt)
    {
        var id = ContainerRun.IdOf(name, attempt);
        State = PodTransitions.Apply(State, new PodEvent.RunCreated(name, new ContainerRun { Id = id, Attempt = attempt, Image = "x", ImageId = "y" }), Now);
        Assert.Null(State.Stop);
        Assert.True(_sandboxExists && State.Sandbox.Stage == SandboxStage.Ready, "a container starts without a sandbox");
        Assert.DoesNotContain(_running, r => r.StartsWith(name + "-", StringComparison.Ordinal));
        if (!PodSpecs.IsInit(State.Pod, name))
            Assert.All(State.Pod.Spec!.InitContainers, c => Assert.True(State[c.Name].HasSucceeded, "a container starts before init containers are done"));
        else
            Assert.DoesNotContain(_running, r => r[0] == 'i');
        var over = new PodEvent.OperationEnded(name);
        switch (_random.Next(6))
        {
            case 0:
                Later(new PodEvent.StartHindered(name, "CreateContainerConfigError", "no"), over);
                break;
            case 1:
                _everStarted.Add(id);
                Later(new PodEvent.RunEnded(name, id, MakeEnd(128)), over);
                break;
            default:
                _everStarted.Add(id);
                _running.Add(id);
                Later(new PodEvent.RunStarted(name, id, 7, Now), over);
                // The end may be heard of before the answer to the start.
                if (PodSpecs.IsInit(State.Pod, name) || _random.Next(3) == 0)
                    EndOf(name, _random.Next(3) == 0 ? 1 : 0);
                break;
        }
    }

    private void Disturb()
    {
        switch (_random.Next(4))
        {
            case 0 when _running.Count > 0:
                var id = _running.ElementAt(_random.Next(_running.Count));
                End(id, 137);
                break;
            case 1 when State.Sandbox.Stage == SandboxStage.Ready:
                // The shim is killed: its containers end, their codes are lost.
                _running.Clear();
                _pending.Clear();
                RestartAgent();
                Apply(new PodEvent.SandboxLost());
                break;
            case 2:
                // The agent is killed: what was in flight is forgotten, what the shim started goes on.
                _pending.RemoveAll(p => p.Event is not PodEvent.RunEnded);
                RestartAgent();
                break;
            default:
                Now += TimeSpan.FromSeconds(_random.Next(20));
                break;
        }
    }

    // What survives is what the state file holds; recovery compares it with what runs.
    private void RestartAgent()
    {
        State = PodStoreTests.RoundTrip(State);
        foreach (var (name, life) in State.Containers)
        {
            if (life.Run is not { End: null } run)
                continue;
            if (_running.Contains(run.Id) && run.StartedAt is null)
                Apply(new PodEvent.RunStarted(name, run.Id, 7, Now));
            else if (!_running.Contains(run.Id) && run.StartedAt is not null && !_pending.Any(p => p.Event is PodEvent.RunEnded e && e.RunId == run.Id))
                Apply(new PodEvent.RunEnded(name, run.Id, MakeEnd(137)));
        }
    }

    private void CancelAll()
    {
        foreach (var (_, happened) in _pending.ToList())
        {
            PodEvent? instead = happened switch
            {
                PodEvent.ImageReady(var name) => new PodEvent.ImageAbandoned(name),
                PodEvent.SandboxReady => new PodEvent.SandboxFailed("Cancelled", ""),
                _ => null,
            };
            if (instead is null)
                continue;
            _pending.RemoveAll(p => ReferenceEquals(p.Event, happened));
            Later(instead);
        }
    }

    private void EndOf(string name, int code) => End(State[name].Run!.Id, code);

    private void End(string id, int code)
    {
        if (_running.Remove(id))
            Later(new PodEvent.RunEnded(id[..id.LastIndexOf('-')], id, MakeEnd(code)));
    }

    private ContainerStateTerminated MakeEnd(int code) => new() { ExitCode = code, Reason = code == 0 ? "Completed" : "Error", FinishedAt = Now };

    // Several come in their order, at once.
    private void Later(params ReadOnlySpan<PodEvent> happened)
    {
        var at = Now + TimeSpan.FromMilliseconds(_random.Next(2000));
        foreach (var next in happened)
            _pending.Add((at, next));
    }

    private void Apply(PodEvent happened) => State = PodTransitions.Apply(State, happened, Now);
}
