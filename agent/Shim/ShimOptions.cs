namespace ControlPlane.Agent.Shim;

/// <summary>The command line: <c>cp-shim --runtime PATH --runtime-root DIR</c>, started in the pod's directory.</summary>
internal sealed record ShimOptions(string Runtime, string RuntimeRoot)
{
    internal static ShimOptions? Parse(string[] arguments)
    {
        string? runtime = null;
        string? root = null;
        for (var i = 0; i + 1 < arguments.Length; i += 2)
        {
            switch (arguments[i])
            {
                case "--runtime": runtime = arguments[i + 1]; break;
                case "--runtime-root": root = arguments[i + 1]; break;

                // Free text for whoever reads the process list.
                case "--pod-dir": break;
                default: return null;
            }
        }

        return runtime is null || root is null || arguments.Length % 2 != 0 ? null : new ShimOptions(runtime, root);
    }
}
