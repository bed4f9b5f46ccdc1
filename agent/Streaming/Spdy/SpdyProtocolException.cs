namespace ControlPlane.Agent.Streaming.Spdy;

/// <summary>The peer does not speak SPDY/3.1 as it should; the connection ends.</summary>
internal sealed class SpdyProtocolException(string message, Exception? inner = null) : IOException(message, inner);
