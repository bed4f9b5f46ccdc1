using ControlPlane.Api.Server.Errors;
using ControlPlane.Api.Server.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ControlPlane.Api.Tests.Server.Requests;

public sealed class RequestInfoParserTests
{
    [Theory]
    [InlineData("GET", "/api/v1/namespaces/a/pods/p", "get  v1 a pods p ")]
    [InlineData("GET", "/api/v1/namespaces/a/pods", "list  v1 a pods  ")]
    [InlineData("GET", "/api/v1/pods?watch=1", "watch  v1  pods  ")]
    [InlineData("GET", "/api/v1/namespaces/a/pods?watch=true&fieldSelector=metadata.name%3Dp", "watch  v1 a pods p ")]
    [InlineData("GET", "/api/v1/namespaces/a/pods?fieldSelector=metadata.name%3Dp", "list  v1 a pods p ")]
    [InlineData("POST", "/apis/controlplane.dev/v1/namespaces/a/apps", "create controlplane.dev v1 a apps  ")]
    [InlineData("PATCH", "/apis/controlplane.dev/v1/namespaces/a/apps/x/status", "patch controlplane.dev v1 a apps x status")]
    [InlineData("DELETE", "/api/v1/namespaces/a/pods", "deletecollection  v1 a pods  ")]
    [InlineData("GET", "/api/v1/namespaces/a", "get  v1 a namespaces a ")]
    [InlineData("PUT", "/api/v1/namespaces/a/finalize", "update  v1 a namespaces a finalize")]
    [InlineData("GET", "/api/v1/nodes/n%31", "get  v1  nodes n1 ")]
    [InlineData("GET", "/api/v1/namespaces/a/pods/p/exec?command=ls", "create  v1 a pods p exec")]
    [InlineData("GET", "/api/v1/namespaces/a/pods/p/log?follow=true", "get  v1 a pods p log")]
    public void Parse_OfAResource_FindsItsParts(string method, string target, string expected)
    {
        var info = RequestInfoParser.Parse(Request(method, target));

        Assert.True(info.IsResource);
        Assert.Equal(expected, $"{info.Verb} {info.Group} {info.Version} {info.Namespace} {info.Resource} {info.Name} {info.Subresource}");
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/api")]
    [InlineData("/apis/controlplane.dev")]
    [InlineData("/apis/controlplane.dev/v1")]
    [InlineData("/api/v1/namespaces/a/pods/p/log/more")]
    public void Parse_OfAnythingElse_IsAPath(string target) => Assert.False(RequestInfoParser.Parse(Request("GET", target)).IsResource);

    [Theory]
    [InlineData("/api/v1/namespaces/a/pods/..")]
    [InlineData("/api/v1/namespaces/a/pods/%2e%2e")]
    [InlineData("/api/v1/namespaces/a/pods/..%2fx")]
    [InlineData("/api/v1/namespaces/a/pods/x%252fy")]
    public void Parse_OfASegmentThatNamesNothing_IsRefused(string target) =>
        Assert.Equal(400, Assert.Throws<ApiException>(() => RequestInfoParser.Parse(Request("GET", target))).Code);

    [Theory]
    [InlineData("32s", 32)]
    [InlineData("1m39s", 99)]
    [InlineData("1.5h", 5400)]
    [InlineData("0", 0)]
    [InlineData("250ms", 0.25)]
    public void GoDuration_OfWhatGoWrites_IsRead(string text, double seconds)
    {
        Assert.True(GoDuration.TryParse(text, out var duration));
        Assert.Equal(seconds, duration.TotalSeconds, 6);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("1d")]
    public void GoDuration_OfAnythingElse_IsRefused(string text) => Assert.False(GoDuration.TryParse(text, out _));

    private static DefaultHttpContext Request(string method, string target)
    {
        var context = new DefaultHttpContext();
        var question = target.IndexOf('?', StringComparison.Ordinal);
        context.Features.Set<IHttpRequestFeature>(new HttpRequestFeature
        {
            Method = method, RawTarget = target, Path = question < 0 ? target : target[..question], QueryString = question < 0 ? "" : target[question..],
        });
        return context;
    }
}
