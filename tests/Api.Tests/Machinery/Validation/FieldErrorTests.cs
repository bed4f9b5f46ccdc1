using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Validation;
using Xunit;

namespace ControlPlane.Api.Tests.Machinery.Validation;

public class FieldErrorTests
{
    private static readonly FieldPath Path = FieldPath.Of("spec", "list").Index(0).Child("map").Key("a/b");

    [Fact]
    public void Text_OfEveryType_HasItsFixedShape() => Assert.Equal(
        [
            "spec.list[0].map[a/b]: Required value",
            "spec.list[0].map[a/b]: Required value: why",
            "spec.list[0].map[a/b]: Invalid value: \"x\": why",
            "spec.list[0].map[a/b]: Invalid value: -1: why",
            "spec.list[0].map[a/b]: Invalid value: {\"k\":\"<v>\"}: why",
            "spec.list[0].map[a/b]: Invalid value: null: why",
            "spec.list[0].map[a/b]: Unsupported value: \"x\": supported values: \"a\", \"b\"",
            "spec.list[0].map[a/b]: Duplicate value: \"x\"",
            "spec.list[0].map[a/b]: Forbidden: why",
            "spec.list[0].map[a/b]: Too long: may not be more than 9 bytes",
            "spec.list[0].map[a/b]: Too many: 3: must have at most 2 items",
            "spec.list[0].map[a/b]: Not found: \"x\"",
            "spec.list[0].map[a/b]: Internal error: why",
        ],
        new[]
        {
            FieldError.Required(Path),
            FieldError.Required(Path, "why"),
            FieldError.Invalid(Path, "x", "why"),
            FieldError.Invalid(Path, -1, "why"),
            FieldError.Invalid(Path, JsonNode.Parse("""{"k":"<v>"}"""), "why"),
            FieldError.Invalid(Path, null, "why"),
            FieldError.NotSupported(Path, "x", ["a", "b"]),
            FieldError.Duplicate(Path, "x"),
            FieldError.Forbidden(Path, "why"),
            FieldError.TooLong(Path, 9),
            FieldError.TooMany(Path, 3, 2),
            FieldError.NotFound(Path, "x"),
            FieldError.Internal(Path, "why"),
        }.Select(error => error.ToString()));
}
