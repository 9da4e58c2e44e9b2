using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using ReferralService.Intake.Access;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Intake;

public sealed partial class ApiAccessTableTests
{
    [TestCase("GET", "/api/referrals", "Viewer")]
    [TestCase("HEAD", "/api/referrals", "Viewer")]
    [TestCase("POST", "/api/referrals", "Operator")]
    [TestCase("POST", "/api/referrals/preview", "Privacy")]
    [TestCase("GET", "/api/referrals/1", "Viewer")]
    [TestCase("GET", "/api/referrals/1/package", "Privacy")]
    [TestCase("GET", "/API/Referrals/1/PACKAGE/", "Privacy")]
    [TestCase("GET", "//api//referrals/1/package", "Privacy")]
    [TestCase("GET", "/api/referrals/1/manifest", "Privacy")]
    [TestCase("POST", "/api/referrals/1/retry", "Operator")]
    [TestCase("POST", "/api/referrals/1/cancel", "Operator")]
    [TestCase("GET", "/api/partners", "Viewer")]
    [TestCase("POST", "/api/partners/main/pause", "Operator")]
    [TestCase("POST", "/api/partners/main/resume", "Operator")]
    [TestCase("GET", "/metrics", "Viewer")]
    [TestCase("GET", "/health/detail", "Viewer")]
    [TestCase("GET", "/contracts", "Viewer")]
    [TestCase("GET", "/contracts/schemas/x.json", "Viewer")]
    [TestCase("GET", "/openapi/v1.json", "Viewer")]
    [TestCase("GET", "/fhir/AuditEvent", "Viewer")]
    [TestCase("DELETE", "/api/referrals/1", "Privacy")]
    [TestCase("GET", "/api/something-new", "Privacy")]
    [TestCase("OPTIONS", "/api/referrals", "Privacy")]
    [TestCase("GET", "/api/actions", "Viewer")]
    [TestCase("GET", "/api/problems", "Viewer")]
    [TestCase("GET", "/api/dead-letters", "Viewer")]
    [TestCase("POST", "/api/bulk", "Operator")]
    [TestCase("GET", "/openapi/v1.json", "Viewer")]
    [TestCase("GET", "/", "Viewer")]
    [TestCase("GET", "/live", "Viewer")]
    [TestCase("GET", "/Referrals/1", "Viewer")]
    [TestCase("POST", "/referrals/1/retry", "Operator")]
    [TestCase("POST", "/referrals/1/reveal", "Privacy")]
    [TestCase("POST", "/partners/ehr/main/pause", "Operator")]
    [TestCase("POST", "/bulk/1/cancel", "Operator")]
    [TestCase("POST", "/dead-letters/1/re-ingest", "Operator")]
    [TestCase("GET", "/audit", "Viewer")]
    [TestCase("POST", "/sign-out", "Viewer")]
    [TestCase("GET", "/apix", "Privacy")]
    [TestCase("PUT", "/referrals/1", "Privacy")]
    [TestCase("GET", "/fhir/Patient", "Privacy")]
    public void An_address_needs_its_role(string method, string path, string role)
        => Assert.That(ApiAccessTable.Of(method, path).Role, Is.EqualTo(Enum.Parse<ApiRole>(role)));

    [TestCase("POST", "/fhir/notify/main")]
    [TestCase("PUT", "/fhir/notify/main/ServiceRequest/1")]
    [TestCase("GET", "/fhir/metadata")]
    [TestCase("GET", "/health/live")]
    [TestCase("GET", "/health/ready")]
    [TestCase("GET", "/assets/ops.css")]
    [TestCase("GET", "/sign-in")]
    [TestCase("POST", "/sign-in")]
    public void Anyone_may_call_what_is_guarded_elsewhere_or_not_at_all(string method, string path)
        => Assert.That(ApiAccessTable.Of(method, path), Is.EqualTo(new AccessNeed(null, Listed: true)));

    /// <summary>A new route needs its row: without one it asks for the highest role, which is seldom what was meant.</summary>
    [Test]
    public async Task Every_route_that_is_mapped_has_a_row()
    {
        await using var service = await RunningService.StartAsync(new Dictionary<string, string>());

        var routes = service.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().SelectMany(Calls).Distinct().ToList();

        Assert.That(routes, Has.Count.GreaterThan(20), "the routes were found");
        Assert.That(routes.Where(call => !ApiAccessTable.Of(call.Method, call.Path).Listed), Is.Empty);
    }

    private static IEnumerable<(string Method, string Path)> Calls(RouteEndpoint endpoint)
        => (endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET", "POST"]).Select(method => (method, Path(endpoint.RoutePattern)));

    private static string Path(RoutePattern pattern) => Parameter().Replace("/" + pattern.RawText!.TrimStart('/'), "x");

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();
}
