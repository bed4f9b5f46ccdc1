namespace ControlPlane.Agent.Linux;

/// <summary>A set of signal numbers 1 to 64.</summary>
public readonly record struct SignalSet(ulong Bits)
{
    /// <summary>The set of the given signals.</summary>
    public static SignalSet Of(params ReadOnlySpan<int> signals)
    {
        ulong bits = 0;
        foreach (var signal in signals) bits |= 1UL << (signal - 1);
        return new SignalSet(bits);
    }

    /// <summary>Whether every signal of <paramref name="other"/> is in this set.</summary>
    public bool Contains(SignalSet other) => (Bits & other.Bits) == other.Bits;
}
