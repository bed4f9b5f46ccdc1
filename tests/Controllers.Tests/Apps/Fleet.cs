using System.Globalization;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Platform.V1;
using ControlPlane.Controllers.Apps;
using ControlPlane.Controllers.Apps.Pods;
using ControlPlane.Controllers.Apps.Rollout;

namespace ControlPlane.Controllers.Tests.Apps;

/// <summary>The instances of an app through a rollout, with the planner's steps taken at once and everything else as the test says.</summary>
internal sealed class Fleet(AppSpec spec)
{
    private static readonly Dictionary<string, IReadOnlyDictionary<string, string>> Racks = Enumerable.Range(1, 9)
        .ToDictionary(n => "rack-" + n, n => (IReadOnlyDictionary<string, string>)new Dictionary<string, string> { ["rack"] = n.ToString(CultureInfo.InvariantCulture) });

    private int _made;

    public static DateTimeOffset Start { get; } = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public AppSpec Spec { get; set; } = spec;

    public DateTimeOffset Now { get; set; } = Start.AddHours(1);

    public List<Instance> Instances { get; } = [];

    public IEnumerable<Instance> Alive => Instances.Where(i => i.Alive);

    public Instance Add(string revision, bool ready, string phase = "Running", string? node = null)
    {
        var index = Enumerable.Range(0, int.MaxValue).First(n => Instances.All(i => i.Revision != revision || i.Index != n));
        var app = new App { Metadata = new ObjectMeta { Name = "web", Namespace = "default", Uid = "web-uid" }, Spec = Spec };
        var pod = new PodBuilder(app, Spec, revision).Build(index, 0);
        var made = Instance.Of(pod with
        {
            Metadata = pod.Metadata with { CreationTimestamp = Start.AddSeconds(_made++) },
            Spec = pod.Spec! with { NodeName = node ?? "node-1" },
            Status = new PodStatus
            {
                Phase = phase,
                StartTime = Start,
                Conditions = [new PodCondition { Type = "Ready", Status = ready ? "True" : "False", LastTransitionTime = Start.AddSeconds(10) }],
            },
        });
        Instances.Add(made);
        return made;
    }

    public void Add(string revision, bool ready, int count)
    {
        for (var i = 0; i < count; i++)
            Add(revision, ready);
    }

    public RolloutStep Plan(string revision) => RolloutPlanner.Plan(Spec, revision, Instances, new KillOrder(Spec, Racks), Now);

    /// <summary>Takes a step: stopped instances begin to end, dead ones vanish, new ones exist and are not ready.</summary>
    public void Take(RolloutStep step, string revision)
    {
        foreach (var stopped in step.Stop)
            Replace(stopped, stopped.Pod with { Metadata = stopped.Pod.Metadata with { DeletionTimestamp = Now.AddSeconds(5) } });
        foreach (var dead in step.Replace.Concat(step.Forget))
            Instances.Remove(dead);
        Add(revision, ready: false, step.Launch + step.Replace.Count);
    }

    public void Become(Instance instance, bool ready) => Replace(instance, instance.Pod with
    {
        Status = instance.Pod.Status! with { Conditions = [new PodCondition { Type = "Ready", Status = ready ? "True" : "False" }] },
    });

    public void Fail(Instance instance) => Replace(instance, instance.Pod with { Status = instance.Pod.Status! with { Phase = "Failed" } });

    private void Replace(Instance old, Pod pod) => Instances[Instances.IndexOf(old)] = Instance.Of(pod);
}
