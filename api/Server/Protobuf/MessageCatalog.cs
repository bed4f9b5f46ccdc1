using System.Collections.Frozen;
using System.Globalization;

namespace ControlPlane.Api.Server.Protobuf;

/// <summary>How a field is read.</summary>
internal enum FieldType
{
    Text,
    Flag,
    Integer,
    Bytes,
    Time,
    MicroTime,

    /// <summary>JSON within a message of one field.</summary>
    RawJson,

    /// <summary>Strings within a message of one field.</summary>
    Strings,
    Message,
}

/// <summary>A field of a message.</summary>
/// <param name="Name">Its name in JSON.</param>
/// <param name="Type">How it is read, or how the values are when it is a map.</param>
/// <param name="Message">Name of the message, for <see cref="FieldType.Message"/>.</param>
/// <param name="IsRepeated">Whether it is a list.</param>
/// <param name="IsMap">Whether it is a map from text.</param>
/// <param name="KeepsZero">
/// Whether an explicit zero means something. Writers send every other field even when it is empty, so an empty one is left out.
/// </param>
internal sealed record FieldInfo(string Name, FieldType Type, string? Message, bool IsRepeated, bool IsMap, bool KeepsZero);

/// <summary>
/// The field numbers of the messages that clients send, one message a line: <c>Name: NUMBER name:type, …</c>. Types are s (text), b, i, bytes, Time,
/// MicroTime, json, strings, a message's name; <c>[]</c> makes a list, <c>{}</c> a map, <c>?</c> keeps an explicit zero.
/// </summary>
internal static class MessageCatalog
{
    private const string Table = """
        ObjectMeta: 1 name:s, 2 generateName:s, 3 namespace:s, 5 uid:s, 6 resourceVersion:s, 7 generation:i, 8 creationTimestamp:Time, 9 deletionTimestamp:Time, 10 deletionGracePeriodSeconds:i?, 11 labels:s{}, 12 annotations:s{}, 13 ownerReferences:OwnerReference[], 14 finalizers:s[], 17 managedFields:ManagedFieldsEntry[]
        OwnerReference: 5 apiVersion:s, 1 kind:s, 3 name:s, 4 uid:s, 6 controller:b?, 7 blockOwnerDeletion:b?
        ManagedFieldsEntry: 1 manager:s, 2 operation:s, 3 apiVersion:s, 4 time:Time, 6 fieldsType:s, 7 fieldsV1:json, 8 subresource:s
        DeleteOptions: 1 gracePeriodSeconds:i?, 2 preconditions:Preconditions, 3 orphanDependents:b?, 4 propagationPolicy:s, 5 dryRun:s[]
        Preconditions: 1 uid:s, 2 resourceVersion:s
        Condition: 1 type:s, 2 status:s, 3 observedGeneration:i, 4 lastTransitionTime:Time, 5 reason:s, 6 message:s
        Namespace: 1 metadata:ObjectMeta, 2 spec:NamespaceSpec, 3 status:NamespaceStatus
        NamespaceSpec: 1 finalizers:s[]
        NamespaceStatus: 1 phase:s, 2 conditions:NamespaceCondition[]
        NamespaceCondition: 1 type:s, 2 status:s, 4 lastTransitionTime:Time, 5 reason:s, 6 message:s
        Secret: 1 metadata:ObjectMeta, 5 immutable:b?, 2 data:bytes{}, 4 stringData:s{}, 3 type:s
        ConfigMap: 1 metadata:ObjectMeta, 4 immutable:b?, 2 data:s{}, 3 binaryData:bytes{}
        ServiceAccount: 1 metadata:ObjectMeta, 2 secrets:ObjectReference[], 3 imagePullSecrets:LocalObjectReference[], 4 automountServiceAccountToken:b?
        ObjectReference: 1 kind:s, 2 namespace:s, 3 name:s, 4 uid:s, 5 apiVersion:s, 6 resourceVersion:s, 7 fieldPath:s
        LocalObjectReference: 1 name:s
        Event: 1 metadata:ObjectMeta, 2 involvedObject:ObjectReference, 3 reason:s, 4 message:s, 5 source:EventSource, 6 firstTimestamp:Time, 7 lastTimestamp:Time, 8 count:i, 9 type:s, 10 eventTime:MicroTime, 11 series:EventSeries, 12 action:s, 13 related:ObjectReference, 14 reportingComponent:s, 15 reportingInstance:s
        EventSource: 1 component:s, 2 host:s
        EventSeries: 1 count:i, 2 lastObservedTime:MicroTime
        Binding: 1 metadata:ObjectMeta, 2 target:ObjectReference
        TokenRequest: 1 metadata:ObjectMeta, 2 spec:TokenRequestSpec, 3 status:TokenRequestStatus
        TokenRequestSpec: 1 audiences:s[], 4 expirationSeconds:i?, 3 boundObjectRef:BoundObjectReference
        TokenRequestStatus: 1 token:s, 2 expirationTimestamp:Time
        BoundObjectReference: 1 kind:s, 2 apiVersion:s, 3 name:s, 4 uid:s
        SelfSubjectReview: 1 metadata:ObjectMeta, 2 status:SelfSubjectReviewStatus
        SelfSubjectReviewStatus: 1 userInfo:UserInfo
        UserInfo: 1 username:s, 2 uid:s, 3 groups:s[], 4 extra:strings{}
        TokenReview: 1 metadata:ObjectMeta, 2 spec:TokenReviewSpec, 3 status:TokenReviewStatus
        TokenReviewSpec: 1 token:s, 2 audiences:s[]
        TokenReviewStatus: 1 authenticated:b, 2 user:UserInfo, 4 audiences:s[], 3 error:s
        SelfSubjectAccessReview: 1 metadata:ObjectMeta, 2 spec:SelfSubjectAccessReviewSpec, 3 status:SubjectAccessReviewStatus
        SelfSubjectAccessReviewSpec: 1 resourceAttributes:ResourceAttributes, 2 nonResourceAttributes:NonResourceAttributes
        SubjectAccessReview: 1 metadata:ObjectMeta, 2 spec:SubjectAccessReviewSpec, 3 status:SubjectAccessReviewStatus
        SubjectAccessReviewSpec: 1 resourceAttributes:ResourceAttributes, 2 nonResourceAttributes:NonResourceAttributes, 3 user:s, 4 groups:s[], 5 extra:strings{}, 6 uid:s
        SubjectAccessReviewStatus: 1 allowed:b, 4 denied:b, 2 reason:s, 3 evaluationError:s
        LocalSubjectAccessReview: 1 metadata:ObjectMeta, 2 spec:SubjectAccessReviewSpec, 3 status:SubjectAccessReviewStatus
        ResourceAttributes: 1 namespace:s, 2 verb:s, 3 group:s, 4 version:s, 5 resource:s, 6 subresource:s, 7 name:s
        NonResourceAttributes: 1 path:s, 2 verb:s
        SelfSubjectRulesReview: 1 metadata:ObjectMeta, 2 spec:SelfSubjectRulesReviewSpec, 3 status:SubjectRulesReviewStatus
        SelfSubjectRulesReviewSpec: 1 namespace:s
        SubjectRulesReviewStatus: 1 resourceRules:ResourceRule[], 2 nonResourceRules:NonResourceRule[], 3 incomplete:b, 4 evaluationError:s
        ResourceRule: 1 verbs:s[], 2 apiGroups:s[], 3 resources:s[], 4 resourceNames:s[]
        NonResourceRule: 1 verbs:s[], 2 nonResourceURLs:s[]
        Role: 1 metadata:ObjectMeta, 2 rules:PolicyRule[]
        ClusterRole: 1 metadata:ObjectMeta, 2 rules:PolicyRule[]
        PolicyRule: 1 verbs:s[], 2 apiGroups:s[], 3 resources:s[], 4 resourceNames:s[], 5 nonResourceURLs:s[]
        RoleBinding: 1 metadata:ObjectMeta, 2 subjects:Subject[], 3 roleRef:RoleRef
        ClusterRoleBinding: 1 metadata:ObjectMeta, 2 subjects:Subject[], 3 roleRef:RoleRef
        RoleRef: 1 apiGroup:s, 2 kind:s, 3 name:s
        Subject: 1 kind:s, 2 apiGroup:s, 3 name:s, 4 namespace:s
        Lease: 1 metadata:ObjectMeta, 2 spec:LeaseSpec
        LeaseSpec: 1 holderIdentity:s?, 2 leaseDurationSeconds:i?, 3 acquireTime:MicroTime, 4 renewTime:MicroTime, 5 leaseTransitions:i?
        Eviction: 1 metadata:ObjectMeta, 2 deleteOptions:DeleteOptions
        """;

    private static readonly Lazy<FrozenDictionary<string, FrozenDictionary<int, FieldInfo>>> Messages = new(() => Table
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split(": ", 2))
        .ToFrozenDictionary(parts => parts[0], parts => parts[1].Split(", ").Select(ParseField).ToFrozenDictionary(f => f.Number, f => f.Field)));

    /// <summary>The fields of a message by number; null when the message is not known.</summary>
    public static FrozenDictionary<int, FieldInfo>? Find(string message) => Messages.Value.GetValueOrDefault(message);

    private static (int Number, FieldInfo Field) ParseField(string text)
    {
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var type = text[(colon + 1)..];
        var keepsZero = type.EndsWith('?');
        type = type.TrimEnd('?');
        var isRepeated = type.EndsWith("[]", StringComparison.Ordinal);
        var isMap = type.EndsWith("{}", StringComparison.Ordinal);
        if (isRepeated || isMap)
            type = type[..^2];
        var kind = type switch
        {
            "s" => FieldType.Text,
            "b" => FieldType.Flag,
            "i" => FieldType.Integer,
            "bytes" => FieldType.Bytes,
            "Time" => FieldType.Time,
            "MicroTime" => FieldType.MicroTime,
            "json" => FieldType.RawJson,
            "strings" => FieldType.Strings,
            _ => FieldType.Message,
        };
        return (int.Parse(text.AsSpan(0, space), CultureInfo.InvariantCulture),
            new FieldInfo(text[(space + 1)..colon], kind, kind == FieldType.Message ? type : null, isRepeated, isMap, keepsZero));
    }
}
