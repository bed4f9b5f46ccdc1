namespace ControlPlane.Agent.Shim;

/// <summary>The timestamp of CRI log lines: <c>2006-01-02T15:04:05.000000000Z</c>.</summary>
internal static class CriTimestamp
{
    internal const int Length = 30;

    internal static void Format(long unixNanoseconds, Span<byte> target)
    {
        var seconds = unixNanoseconds / 1_000_000_000;
        var time = DateTime.UnixEpoch.AddSeconds(seconds);
        Digits(target, 0, 4, time.Year);
        target[4] = (byte)'-';
        Digits(target, 5, 2, time.Month);
        target[7] = (byte)'-';
        Digits(target, 8, 2, time.Day);
        target[10] = (byte)'T';
        Digits(target, 11, 2, time.Hour);
        target[13] = (byte)':';
        Digits(target, 14, 2, time.Minute);
        target[16] = (byte)':';
        Digits(target, 17, 2, time.Second);
        target[19] = (byte)'.';
        Digits(target, 20, 9, (int)(unixNanoseconds - (seconds * 1_000_000_000)));
        target[29] = (byte)'Z';
    }

    private static void Digits(Span<byte> target, int start, int count, int value)
    {
        for (var i = start + count - 1; i >= start; i--)
        {
            target[i] = (byte)('0' + (value % 10));
            value /= 10;
        }
    }
}
