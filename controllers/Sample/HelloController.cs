using ControlPlane.Api.Core.V1;

namespace ControlPlane.Controllers.Sample;

/// <summary>Registers the tutorial's controller.</summary>
public static class HelloController
{
    /// <summary>Keeps a ConfigMap <c>NAME-hello</c> in every namespace labelled <c>hello</c>.</summary>
    public static ControllerHostBuilder AddHelloController(this ControllerHostBuilder builder)
    {
        var greeting = builder.Setting("greeting", "hello", "What the ConfigMaps say.");
        return builder.AddController("hello", controller => controller
            .For<Namespace>()
            .Owns<ConfigMap>()
            .Reconciles(context => new HelloReconciler(context.Client, context.Cache<Namespace>(), context.Cache<ConfigMap>(), greeting)));
    }
}
