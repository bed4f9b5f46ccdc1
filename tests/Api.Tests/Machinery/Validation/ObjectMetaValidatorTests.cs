using ControlPlane.Api.Machinery.Validation;
using Xunit;

namespace ControlPlane.Api.Tests.Machinery.Validation;

public class ObjectMetaValidatorTests
{
    private const string Subdomain = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an "
        + "alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    [Theory]
    [InlineData("""{"name":"A_b"}""", "metadata.name: Invalid value: \"A_b\": " + Subdomain)]
    [InlineData("""{}""", "metadata.name: Required value: name or generateName is required")]
    [InlineData("""{"name":"a","labels":{"a":"b","c":"-"}}""", "metadata.labels: Invalid value: \"-\": a valid label must be")]
    [InlineData("""{"name":"a","labels":{"-":"b"}}""", "metadata.labels: Invalid value: \"-\": name part must consist of")]
    [InlineData("""{"name":"a","annotations":{"x y":"b"}}""", "metadata.annotations: Invalid value: \"x y\": name part must consist of")]
    [InlineData("""{"name":"a","finalizers":["foo"]}""", "metadata.finalizers[0]: Invalid value: \"foo\": name is neither a standard finalizer name nor is it fully qualified")]
    [InlineData("""{"name":"a","finalizers":["orphan","foregroundDeletion"]}""", "metadata.finalizers: Invalid value: [\"orphan\",\"foregroundDeletion\"]: finalizer orphan and foregroundDeletion cannot be both set")]
    [InlineData("""{"name":"a","ownerReferences":[{"apiVersion":"v1","kind":"A","name":"a"}]}""", "metadata.ownerReferences[0].uid: Invalid value: \"\": must not be empty")]
    [InlineData(
        """{"name":"a","ownerReferences":[{"apiVersion":"v1","kind":"A","name":"a","uid":"1","controller":true},{"apiVersion":"v1","kind":"A","name":"b","uid":"2","controller":true}]}""",
        """metadata.ownerReferences: Invalid value: [{"apiVersion":"v1","kind":"A","name":"a","uid":"1","controller":true},{"apiVersion":"v1","kind":"A","name":"b","uid":"2","controller":true}]: Only one reference can have Controller set to true. Found "true" in references for A/a and A/b""")]
    public void Validate_OneViolation_IsReported(string metadata, string start) =>
        Assert.StartsWith(start, Assert.Single(Validate(metadata, NameRule.DnsSubdomain)), StringComparison.Ordinal);

    [Theory]
    [InlineData("a.b-c.d1", NameRule.DnsSubdomain, true)]
    [InlineData("a..b", NameRule.DnsSubdomain, false)]
    [InlineData("a.b", NameRule.DnsLabel, false)]
    [InlineData("system:node/x", NameRule.PathSegment, false)]
    [InlineData("system:node", NameRule.PathSegment, true)]
    [InlineData("..", NameRule.PathSegment, false)]
    [InlineData("0a", NameRule.DnsLabel, true)]
    [InlineData("a-", NameRule.DnsLabel, false)]
    public void Validate_Names_FollowTheRuleOfTheKind(string name, NameRule rule, bool valid) =>
        Assert.Equal(valid, Validate($$"""{"name":"{{name}}"}""", rule).Count == 0);

    [Fact]
    public void Validate_LongNames_AreRefused()
    {
        Assert.Equal(["metadata.name: Invalid value: \"" + new string('a', 64) + "\": must be no more than 63 bytes"], Validate($$"""{"name":"{{new string('a', 64)}}"}""", NameRule.DnsLabel));
        Assert.Single(Validate($$"""{"name":"{{new string('a', 254)}}"}""", NameRule.DnsSubdomain));
    }

    [Fact]
    public void Validate_AnnotationsOverTheLimit_AreTooLong() => Assert.Equal(
        ["metadata.annotations: Too long: may not be more than 262144 bytes"],
        Validate($$$"""{"name":"a","annotations":{"k":"{{{new string('x', 262144)}}}"}}""", NameRule.DnsSubdomain));

    [Fact]
    public void ValidateUpdate_NewFinalizerOnADyingObject_IsForbidden()
    {
        var errors = new List<FieldError>();
        ObjectMetaValidator.ValidateUpdate(
            Trees.Object("""{"name":"a","finalizers":["a.b/c","d.e/f"]}"""),
            Trees.Object("""{"name":"a","finalizers":["a.b/c"],"deletionTimestamp":"2026-01-01T00:00:00Z"}"""),
            errors);
        Assert.Equal(
            "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{\"d.e/f\"}",
            Assert.Single(errors).ToString());
    }

    [Fact]
    public void ValidateUpdate_ChangedIdentity_IsImmutable()
    {
        var errors = new List<FieldError>();
        ObjectMetaValidator.ValidateUpdate(Trees.Object("""{"name":"b"}"""), Trees.Object("""{"name":"a"}"""), errors);
        Assert.Equal("metadata.name: Invalid value: \"b\": field is immutable", Assert.Single(errors).ToString());
    }

    private static List<string> Validate(string metadata, NameRule rule)
    {
        var errors = new List<FieldError>();
        ObjectMetaValidator.Validate(Trees.Object(metadata), rule, errors);
        return [.. errors.Select(error => error.ToString())];
    }
}
