using System.Diagnostics;

namespace ControlPlane.Testing;

/// <summary>Waits for the world to become what a test expects, with a deadline; a failure shows the world.</summary>
public static class Eventually
{
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    /// <summary>Looks again and again until <paramref name="condition"/> holds, and returns what was seen then.</summary>
    /// <param name="look">Reads a part of the world.</param>
    /// <param name="condition">What is expected of it.</param>
    /// <param name="what">The expectation in words.</param>
    /// <param name="world">More of the world, for the failure's message.</param>
    /// <param name="patience">How long to wait; 30 s by default.</param>
    /// <exception cref="TimeoutException">It did not become so.</exception>
    public static async Task<T> BeAsync<T>(Func<Task<T>> look, Func<T, bool> condition, string what, Func<Task<string>>? world = null, TimeSpan? patience = null)
    {
        var clock = Stopwatch.StartNew();
        var limit = patience ?? DefaultPatience;
        while (true)
        {
            var seen = await look();
            if (condition(seen))
                return seen;
            if (clock.Elapsed > limit)
                throw new TimeoutException($"{what}: not so after {limit}. Last seen:\n{seen}\n{(world is null ? "" : await world())}");
            await Task.Delay(Step);
        }
    }

    /// <summary>As <see cref="BeAsync{T}"/>, for a condition without a value.</summary>
    public static Task BeAsync(Func<Task<bool>> condition, string what, Func<Task<string>>? world = null, TimeSpan? patience = null) =>
        BeAsync(condition, static held => held, what, world, patience);
}
