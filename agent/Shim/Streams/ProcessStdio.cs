using ControlPlane.Agent.Linux;
using ControlPlane.Agent.Shim.Contract;

namespace ControlPlane.Agent.Shim;

/// <summary>
/// The standard streams of one process: made before the runtime is run, handed to it, and pumped from the moment it has succeeded. Until
/// then nothing is read, so that a failing runtime's own words never reach the container's log.
/// </summary>
internal sealed class ProcessStdio
{
    private static int _consoles;

    private readonly EventLoop _loop;
    private readonly string? _consoleName;
    private int _console = -1;
    private PipeEnds _in = new(-1, -1);
    private PipeEnds _out = new(-1, -1);
    private PipeEnds _error = new(-1, -1);
    private int _null = -1;
    private int _master = -1;

    internal ProcessStdio(EventLoop loop, int shimPid, bool terminal, bool stdin)
    {
        _loop = loop;
        try
        {
            if (!stdin || terminal) _null = FileDescriptor.Open("/dev/null", OpenMode.ReadWrite);
            if (terminal)
            {
                // Reached through our working directory: the pod's own path may be longer than a socket address.
                _consoleName = "console" + ++_consoles + ".sock";
                ConsoleSocket = "/proc/" + shimPid + "/cwd/" + _consoleName;
                _console = UnixSocket.Listen(_consoleName, backlog: 1);
                FileDescriptor.SetNonBlocking(_console);
                return;
            }

            if (stdin) _in = FileDescriptor.Pipe();
            _out = FileDescriptor.Pipe();
            _error = FileDescriptor.Pipe();
        }
        catch
        {
            Close();
            throw;
        }
    }

    /// <summary>Where the runtime sends the terminal, or null without one.</summary>
    internal string? ConsoleSocket { get; }

    internal int ChildInput => _in.Read >= 0 ? _in.Read : _null;

    internal int ChildOutput => _out.Write >= 0 ? _out.Write : _null;

    internal int ChildError => _error.Write >= 0 ? _error.Write : _null;

    internal InputPump? Input { get; private set; }

    internal OutputPump? Output { get; private set; }

    internal OutputPump? Error { get; private set; }

    /// <summary>Whether every output stream has ended.</summary>
    internal bool Ended => Output is not { Closed: false } && Error is not { Closed: false };

    /// <summary>Lets go of the runtime's ends, so that the streams end with the process.</summary>
    internal void ReleaseChildEnds()
    {
        FileDescriptor.Close(_in.Read);
        FileDescriptor.Close(_out.Write);
        FileDescriptor.Close(_error.Write);
        FileDescriptor.Close(_null);
        _in = _in with { Read = -1 };
        _out = _out with { Write = -1 };
        _error = _error with { Write = -1 };
        _null = -1;
    }

    /// <summary>Starts moving data, now that the runtime has succeeded.</summary>
    internal void Begin(IOutputSink sink, bool stdin)
    {
        if (ConsoleSocket is not null)
        {
            _master = TakeTerminal();
            Output = Watch(new OutputPump(FileDescriptor.Duplicate(_master), FrameKind.Stdout, sink));
            if (stdin) Input = Watch(new InputPump(FileDescriptor.Duplicate(_master), isTerminal: true));
            return;
        }

        Output = Watch(new OutputPump(_out.Read, FrameKind.Stdout, sink));
        Error = Watch(new OutputPump(_error.Read, FrameKind.Stderr, sink));
        if (_in.Write >= 0) Input = Watch(new InputPump(_in.Write, isTerminal: false));
        _out = _error = _in = new PipeEnds(-1, -1);
    }

    /// <summary>Sets the terminal's size; without a terminal there is none to set.</summary>
    internal void Resize(ushort columns, ushort rows)
    {
        if (_master >= 0) Terminal.Resize(_master, columns, rows);
    }

    /// <summary>Closes everything still open.</summary>
    internal void Close()
    {
        ReleaseChildEnds();
        FileDescriptor.Close(_in.Write);
        FileDescriptor.Close(_out.Read);
        FileDescriptor.Close(_error.Read);
        FileDescriptor.Close(_master);
        CloseConsole();
        _in = _out = _error = new PipeEnds(-1, -1);
        _master = -1;
        Input?.Close();
        Output?.Close();
        Error?.Close();
    }

    /// <summary>
    /// Takes the terminal off the console socket. The runtime sends it before it exits, so it waits in the socket by now and nothing
    /// here blocks.
    /// </summary>
    private int TakeTerminal()
    {
        var connection = UnixSocket.Accept(_console);
        if (connection < 0) throw new LinuxException("accept", _consoleName, -connection);
        var master = UnixSocket.ReceiveDescriptor(connection);
        FileDescriptor.Close(connection);
        if (master < 0) throw new LinuxException("recvmsg", _consoleName, -master);
        CloseConsole();
        return master;
    }

    private void CloseConsole()
    {
        if (_console < 0) return;
        FileDescriptor.Close(_console);
        _console = -1;
        SmallFile.Remove(_consoleName!);
    }

    private T Watch<T>(T source)
        where T : PollSource
    {
        _loop.Add(source);
        return source;
    }
}
