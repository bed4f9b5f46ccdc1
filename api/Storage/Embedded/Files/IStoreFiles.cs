namespace ControlPlane.Api.Storage.Embedded.Files;

/// <summary>The store's directory. The seam where tests take away power, space and bits.</summary>
internal interface IStoreFiles : IDisposable
{
    IReadOnlyList<string> List();

    /// <summary>A new empty file; an existing one is replaced.</summary>
    IStoreFile Create(string name);

    IStoreFile Open(string name);

    /// <summary>Atomic; lasting only after <see cref="SyncDirectory"/>.</summary>
    void Rename(string from, string to);

    void Delete(string name);

    void SyncDirectory();

    /// <summary>The name as an operator would type it.</summary>
    string Describe(string name);
}

/// <summary>Faults are <see cref="StoreException"/> (<see cref="StoreFault.NoSpace"/>) or <see cref="IOException"/>.</summary>
internal interface IStoreFile : IDisposable
{
    string Name { get; set; }

    long Length { get; }

    void Write(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Reads until the span is full or the file ends.</summary>
    int Read(long offset, Span<byte> bytes);

    /// <summary>Reserves space up to <paramref name="length"/>, so that later writes below it cannot run out of it.</summary>
    void Allocate(long length);

    /// <summary>Returns when everything written survives loss of power.</summary>
    void Sync();
}
