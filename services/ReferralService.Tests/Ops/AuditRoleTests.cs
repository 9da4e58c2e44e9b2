using Microsoft.AspNetCore.Builder;
using ReferralService.Intake.Access;
using ReferralService.Intake.Settings;
using static ReferralService.Tests.Ops.AuditBench;

namespace ReferralService.Tests.Ops;

[TestFixture]
internal sealed class AuditRoleTests
{
    [TestCase(ApiRole.Viewer, "N", "REDACTED")]
    [TestCase(ApiRole.Operator, "N", "REDACTED")]
    [TestCase(ApiRole.Privacy, "N,HIV,42CFRPart2", null)]
    public async Task What_labels_tell_of_a_persons_health_is_for_those_who_may_read_the_record(ApiRole role, string labels, string? mark)
    {
        const string Secret = "a-secret-of-this-test";
        await using var host = await OpsHost.StartAsync(
            extend: app => app.UseMiddleware<ApiAccess>(new ApiKeys([new ApiKey("one", Secret, role)]), new CallRate(new IntakeOptions())));
        host.Http.DefaultRequestHeaders.Authorization = new("Bearer", Secret);
        var id = await DeliveredAsync(host, "1", "a", change: f => f with
        {
            Part2 = true, Labels = [.. f.Labels, "http://terminology.hl7.org/CodeSystem/v3-ActCode|HIV", "http://terminology.hl7.org/CodeSystem/v3-ActCode|42CFRPart2"],
        });
        var (_, bundle) = await host.Http.ReadAsync("/fhir/AuditEvent");
        var (_, alone) = await host.Http.ReadAsync($"/fhir/AuditEvent/{id:D}");

        foreach (var audit in new[] { bundle.GetProperty("entry")[0].GetProperty("resource"), alone })
        {
            var package = audit.GetProperty("entity")[2];
            Assert.Multiple(() =>
            {
                Assert.That(string.Join(',', package.GetProperty("securityLabel").EnumerateArray().Select(l => l.Text("code"))), Is.EqualTo(labels));
                Assert.That(package.GetProperty("detail").EnumerateArray().Any(d => d.Text("type") == "part2"), Is.EqualTo(role == ApiRole.Privacy));
                Assert.That(audit.GetRawText().Contains("Part2", StringComparison.OrdinalIgnoreCase), Is.EqualTo(role == ApiRole.Privacy), "nowhere else");
                Assert.That(audit.GetProperty("meta").TryGetProperty("security", out var security) ? security[0].Text("code") : null, Is.EqualTo(mark));
            });
        }
    }
}
