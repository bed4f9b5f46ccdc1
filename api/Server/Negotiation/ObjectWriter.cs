using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ControlPlane.Api.Server.Definitions;
using ControlPlane.Api.Server.Errors;
using ControlPlane.Api.Server.Printing;
using ControlPlane.Api.Server.Registry;

namespace ControlPlane.Api.Server.Negotiation;

/// <summary>Writes stored objects, alone, in lists and in watch events, in the form a client asked for. Whole objects go out as stored bytes.</summary>
internal sealed class ObjectWriter
{
    private readonly ResourceDefinition _definition;
    private readonly OutputForm _form;
    private readonly TableRows? _rows;

    public ObjectWriter(ResourceDefinition definition, OutputForm form, IQueryCollection query, TimeProvider time)
    {
        _definition = definition;
        _form = form;
        if (form.Shape == OutputShape.Table)
            _rows = new TableRows(definition, form.TableVersion, ParseInclude(query["includeObject"].ToString()), time.GetUtcNow());
    }

    public OutputForm Form => _form;

    /// <summary>One object as a whole document.</summary>
    public void WriteObject(IBufferWriter<byte> output, StoredObject value)
    {
        switch (_form.Shape)
        {
            case OutputShape.Object:
                value.WriteTo(output);
                break;
            case OutputShape.Metadata:
                value.WriteMetadataTo(output);
                break;
            default:
                _rows!.WriteStart(output, $"\"resourceVersion\":\"{value.Revision}\"", withColumns: true);
                _rows.WriteRow(output, value);
                _rows.WriteEnd(output);
                break;
        }
    }

    /// <summary>The object of a watch event; only the first one of a stream describes a table's columns.</summary>
    public void WriteWatched(IBufferWriter<byte> output, StoredObject value, bool first)
    {
        if (_form.Shape != OutputShape.Table)
        {
            WriteObject(output, value);
            return;
        }
        _rows!.WriteStart(output, $"\"resourceVersion\":\"{value.Revision}\"", first);
        _rows.WriteRow(output, value);
        _rows.WriteEnd(output);
    }

    public void WriteListStart(IBufferWriter<byte> output, long revision, string? @continue, long? remaining)
    {
        var meta = $"\"resourceVersion\":\"{revision}\"";
        if (@continue is not null)
            meta += $",\"continue\":{JsonSerializer.Serialize(@continue)}";
        if (remaining is { } count)
            meta += string.Create(CultureInfo.InvariantCulture, $",\"remainingItemCount\":{count}");
        switch (_form.Shape)
        {
            case OutputShape.Object:
                output.Write(_definition.ListPrefix);
                break;
            case OutputShape.Metadata:
                output.Write("{\"kind\":\"PartialObjectMetadataList\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":{"u8);
                break;
            default:
                _rows!.WriteStart(output, meta, withColumns: true);
                return;
        }
        Encoding.UTF8.GetBytes(meta, output);
        output.Write("},\"items\":["u8);
    }

    public void WriteItem(IBufferWriter<byte> output, StoredObject value, bool first)
    {
        if (_rows is not null)
        {
            _rows.WriteRow(output, value);
            return;
        }
        if (!first)
            output.Write(","u8);
        if (_form.Shape == OutputShape.Metadata)
            value.WriteMetadataTo(output);
        else if (_definition.Strategy.ListItemsNameTheirKind)
            value.WriteTo(output);
        else
            value.WriteBareTo(output);
    }

    public void WriteListEnd(IBufferWriter<byte> output)
    {
        if (_form.Shape == OutputShape.Table)
            _rows!.WriteEnd(output);
        else
            output.Write("]}"u8);
    }

    private static IncludeObject ParseInclude(string text) => text switch
    {
        "" or "Metadata" => IncludeObject.Metadata,
        "None" => IncludeObject.None,
        "Object" => IncludeObject.Object,
        _ => throw ApiErrors.BadRequest($"unrecognized includeObject value: {text}; use None, Metadata or Object"),
    };
}
