using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Api.Server.Definitions;
using ControlPlane.Api.Server.Registry;

namespace ControlPlane.Api.Server.Printing;

/// <summary>What a row says about its object beside the cells.</summary>
internal enum IncludeObject
{
    Metadata,
    None,
    Object,
}

/// <summary>Objects as rows of a <c>meta.k8s.io</c> Table.</summary>
internal sealed class TableRows(ResourceDefinition definition, string version, IncludeObject include, DateTimeOffset now)
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    private readonly TablePrinter _printer = TablePrinters.For(definition);
    private bool _any;

    /// <param name="output">Where to.</param>
    /// <param name="metadata">Members of the table's metadata.</param>
    /// <param name="withColumns">Whether the columns are described.</param>
    public void WriteStart(IBufferWriter<byte> output, string metadata, bool withColumns)
    {
        _any = false;
        Encoding.UTF8.GetBytes($"{{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/{version}\",\"metadata\":{{{metadata}}},\"columnDefinitions\":", output);
        if (withColumns)
            WriteColumns(output);
        else
            output.Write("null"u8);
        output.Write(",\"rows\":["u8);
    }

    public void WriteRow(IBufferWriter<byte> output, StoredObject value)
    {
        if (_any)
            output.Write(","u8);
        _any = true;
        output.Write("{\"cells\":"u8);
        using (var writer = new Utf8JsonWriter(output, Options))
            new JsonArray([.. _printer.Cells(value.ToTree(), now)]).WriteTo(writer);
        if (include == IncludeObject.Metadata)
        {
            output.Write(",\"object\":"u8);
            value.WriteMetadataTo(output);
        }
        else if (include == IncludeObject.Object)
        {
            output.Write(",\"object\":"u8);
            value.WriteTo(output);
        }
        output.Write("}"u8);
    }

    public void WriteEnd(IBufferWriter<byte> output) => output.Write("]}"u8);

    private void WriteColumns(IBufferWriter<byte> output)
    {
        using var writer = new Utf8JsonWriter(output, Options);
        writer.WriteStartArray();
        foreach (var column in _printer.Columns)
        {
            writer.WriteStartObject();
            writer.WriteString("name", column.Name);
            writer.WriteString("type", column.Type);
            writer.WriteString("format", column.Name == "Name" && column.Priority == 0 ? "name" : "");
            writer.WriteString("description", column.Description);
            writer.WriteNumber("priority", column.Priority);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }
}
