using System.Globalization;
using System.Text;
using ControlPlane.Api.Storage;
using ControlPlane.Api.Storage.Embedded;

namespace ControlPlane.Storage.Conformance;

/// <summary>The process that crash tests kill: writes from several tasks until then and prints what was acknowledged.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        string directory = args[0];
        int writers = int.Parse(args[1], CultureInfo.InvariantCulture);
        await using EmbeddedRevisionStore store = await EmbeddedRevisionStore.OpenAsync(new EmbeddedStoreOptions(directory));
        using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false)) { AutoFlush = true };
        var gate = new Lock();
        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
        {
            for (int i = 0; ; i++)
            {
                string key = $"/{writer}/{i % 50}";
                byte[] value = Encoding.UTF8.GetBytes($"{writer}-{i}-" + new string('x', i % 2000));
                WriteResult result = await store.PutAsync(key, value, Expectation.Any, null, CancellationToken.None);
                lock (gate)
                {
                    output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{key} {result.Revision} {writer}-{i}-"));
                }
            }
        })));
        return 0;
    }
}
