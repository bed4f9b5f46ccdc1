using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace ControlPlane.Api.Client.Configuration;

/// <summary>Reads the parts of a kubeconfig that say where the API is and who asks.</summary>
internal sealed class KubeconfigReader
{
    // Ways to get credentials that would otherwise be skipped silently and show up as a puzzling 401.
    private static readonly string[] Unsupported = ["exec", "auth-provider", "username", "password", "as", "as-groups", "as-uid", "as-user-extra"];

    private readonly string _path;
    private readonly YamlMappingNode _root;

    private KubeconfigReader(string path)
    {
        _path = path;
        _root = Load(path);
    }

    public static ClientConfig Read(string path, string? context) => new KubeconfigReader(path).Read(context);

    private ClientConfig Read(string? contextName)
    {
        contextName ??= Text(_root, "current-context") ?? throw Fault("has no current-context");
        var context = Named("contexts", "context", contextName);
        var cluster = Named("clusters", "cluster", Text(context, "cluster") ?? throw Fault($"context {contextName} names no cluster"));
        var user = Text(context, "user") is { } userName ? Named("users", "user", userName) : new YamlMappingNode();
        if (Unsupported.FirstOrDefault(name => Child(user, name) is not null) is { } field)
            throw Fault($"user field {field} is not supported; use a client certificate, token or tokenFile");
        if (Text(cluster, "insecure-skip-tls-verify") == "true")
            throw Fault("insecure-skip-tls-verify is not supported; give the server's certificate-authority");

        var certificate = FileOrData(user, "client-certificate");
        var key = FileOrData(user, "client-key");
        if ((certificate is null) != (key is null))
            throw Fault("a user has only one of client-certificate and client-key");
        return new ClientConfig
        {
            Server = Uri.TryCreate(Text(cluster, "server"), UriKind.Absolute, out var server) && server.Scheme is "https" or "http"
                ? server!
                : throw Fault("a cluster's server is no http(s) address"),
            CertificateAuthorityPem = FileOrData(cluster, "certificate-authority"),
            TlsServerName = Text(cluster, "tls-server-name"),
            ClientCertificatePem = certificate,
            ClientKeyPem = key,
            Token = Text(user, "token"),
            TokenFile = Text(user, "tokenFile") is { } file ? Resolve(file) : null,
            Namespace = Text(context, "namespace") ?? "default",
        };
    }

    private static YamlMappingNode Load(string path)
    {
        try
        {
            using var reader = File.OpenText(path);
            var yaml = new YamlStream();
            yaml.Load(reader);
            return yaml.Documents is [{ RootNode: YamlMappingNode root }, ..] ? root : throw new ClientConfigException($"{path} is no kubeconfig.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or YamlException)
        {
            throw new ClientConfigException($"{path} cannot be read: {e.Message}", e);
        }
    }

    private YamlMappingNode Named(string list, string member, string name)
    {
        var entries = Child(_root, list) as YamlSequenceNode ?? throw Fault($"has no {list}");
        var entry = entries.Children.OfType<YamlMappingNode>().FirstOrDefault(e => Text(e, "name") == name) ?? throw Fault($"{list} has no {name}");
        return Child(entry, member) as YamlMappingNode ?? throw Fault($"{list} entry {name} has no {member}");
    }

    private string? FileOrData(YamlMappingNode node, string name)
    {
        try
        {
            if (Text(node, name + "-data") is { } data)
                return Encoding.UTF8.GetString(Convert.FromBase64String(data));
            return Text(node, name) is { } file ? File.ReadAllText(Resolve(file)) : null;
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new ClientConfigException($"{_path}: {name}: {e.Message}", e);
        }
    }

    private string Resolve(string file) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(_path))!, file);

    private static YamlNode? Child(YamlMappingNode node, string name) => node.Children.TryGetValue(new YamlScalarNode(name), out var child) ? child : null;

    private static string? Text(YamlMappingNode node, string name) => Child(node, name) is YamlScalarNode { Value.Length: > 0 } scalar ? scalar.Value : null;

    private ClientConfigException Fault(string what) => new($"{_path}: {what}.");
}
