using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ControlPlane.Api.Values;

/// <summary>A UTC time written with exactly six decimals, as Leases and Events have it.</summary>
/// <param name="Value">The time.</param>
[JsonConverter(typeof(MicroTimeConverter))]
public readonly record struct MicroTime(DateTimeOffset Value)
{
    public static implicit operator MicroTime(DateTimeOffset value) => new(value);

    /// <summary>RFC 3339, UTC, microseconds.</summary>
    public override string ToString() => Value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private sealed class MicroTimeConverter : JsonConverter<MicroTime>
    {
        public override MicroTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetDateTimeOffset());

        public override void Write(Utf8JsonWriter writer, MicroTime value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
