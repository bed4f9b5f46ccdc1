using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;
using System.Text;

namespace ControlPlane.Agent.Images.Unpacking;

/// <summary>
/// File names are bytes, not text. A byte string is a .NET string whose every char is one byte (Latin-1), so any name
/// goes through a layer unchanged. <see cref="Display"/> is for messages only.
/// </summary>
internal static class ByteString
{
    public static string From(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    public static string FromText(string text) => From(Encoding.UTF8.GetBytes(text));

    public static string Display(string byteString) => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(byteString));

    [CustomMarshaller(typeof(string), MarshalMode.ManagedToUnmanagedIn, typeof(ManagedToUnmanagedIn))]
    internal static class Marshaller
    {
        internal unsafe ref struct ManagedToUnmanagedIn
        {
            private byte* _pointer;
            private bool _allocated;

            public static int BufferSize => 256;

            // The generated code hands in stack memory, so its address stays valid for the call.
            public void FromManaged(string managed, Span<byte> buffer)
            {
                var length = managed.Length + 1;
                if (length > buffer.Length)
                {
                    _pointer = (byte*)NativeMemory.Alloc((nuint)length);
                    _allocated = true;
                }
                else
                {
                    _pointer = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(buffer));
                }

                Encoding.Latin1.GetBytes(managed, new Span<byte>(_pointer, managed.Length));
                _pointer[managed.Length] = 0;
            }

            public readonly byte* ToUnmanaged() => _pointer;

            public readonly void Free()
            {
                if (_allocated)
                    NativeMemory.Free(_pointer);
            }
        }
    }
}
