using ReferralService.Intake.Access;

namespace ReferralService.Tests.Intake;

public sealed class ApiAccessTableTests
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
    public void An_address_needs_its_role(string method, string path, string role)
        => Assert.That(ApiAccessTable.RoleFor(method, path), Is.EqualTo(Enum.Parse<ApiRole>(role)));

    [TestCase("POST", "/fhir/notify/main")]
    [TestCase("PUT", "/fhir/notify/main/ServiceRequest/1")]
    [TestCase("GET", "/fhir/metadata")]
    [TestCase("GET", "/health/live")]
    [TestCase("GET", "/health/ready")]
    [TestCase("GET", "/")]
    [TestCase("GET", "/apix")]
    public void Other_addresses_are_not_guarded_here(string method, string path) => Assert.That(ApiAccessTable.RoleFor(method, path), Is.Null);
}
