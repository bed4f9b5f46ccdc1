using ControlPlane.Api.Platform.V1;

namespace ControlPlane.Controllers.Apps.Rollout;

/// <summary>How far an upgrade may go at this moment.</summary>
/// <param name="MinHealthy">This many instances stay healthy.</param>
/// <param name="MaxCapacity">At most this many exist.</param>
internal readonly record struct UpgradeBudget(int MinHealthy, int MaxCapacity)
{
    /// <summary>The budget for <paramref name="instances"/> desired ones, of which <paramref name="healthy"/> of any revision are healthy now.</summary>
    public static UpgradeBudget For(int instances, UpgradeStrategy? strategy, int healthy)
    {
        // Decimal, because 0.07 * 100 is 7.000000000000001 in binary and would round up to 8.
        var minimum = (int)decimal.Ceiling(instances * Fraction(strategy?.MinimumHealthCapacity));
        var maximum = (int)decimal.Floor(instances * (1 + Fraction(strategy?.MaximumOverCapacity)));

        // Nothing may be missing and nothing may be added: without one extra the upgrade could never begin.
        if (instances > 0 && minimum == maximum && maximum <= healthy)
            maximum++;
        return new UpgradeBudget(minimum, maximum);
    }

    private static decimal Fraction(double? value) => (decimal)Math.Clamp(value ?? 1, 0, 1);
}
