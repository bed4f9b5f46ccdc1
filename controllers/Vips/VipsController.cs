using ControlPlane.Api.Client;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Discovery.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Platform.V1;

namespace ControlPlane.Controllers.Vips;

/// <summary>Registers the vips controller.</summary>
public static class VipsController
{
    /// <summary>Gives each VIP an address, and says which pods are behind it.</summary>
    public static ControllerHostBuilder AddVipsController(this ControllerHostBuilder builder)
    {
        var cidr = builder.Setting("vip-cidr", "10.96.0.0/16", "Addresses of VIPs.");
        var range = AddressRange.TryParse(cidr, out var parsed) ? parsed : throw new ClientConfigException($"--vip-cidr={cidr} is no IPv4 network of at least four addresses.");
        return builder.AddController("vips", controller => controller
            .For<Vip>()
            .Owns<EndpointSlice>()
            .Watches<Pod>(static (pod, context) => context.Cache<Vip>().List()
                .Where(vip => vip.Metadata.Namespace == pod.Metadata.Namespace && VipSelector.Matches(vip.Spec, pod)).Select(static vip => ObjectKey.Of(vip)))
            // One at a time: two VIPs must not find the same address free.
            .Workers(1)
            .Reconciles(context => new VipReconciler(context, range, context.Cache<Vip>(), context.Cache<Pod>(), context.Cache<EndpointSlice>())));
    }
}
