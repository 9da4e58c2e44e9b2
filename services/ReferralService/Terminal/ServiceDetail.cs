using System.Text.Json;
using ReferralService.Doctor;

namespace ReferralService.Terminal;

/// <summary>What a service that runs says of itself at /health/detail: it sees what nobody beside it can (its queues, its breakers, its loops).</summary>
internal static class ServiceDetail
{
    /// <param name="hasKey">Whether a key was shown.</param>
    /// <param name="longest">It is waited for.</param>
    public static async Task TellAsync(Findings findings, ServiceLink link, bool hasKey, TimeSpan longest, CancellationToken cancelled)
    {
        try
        {
            var detail = (await link.GetAsync("health/detail", cancelled, longest)).Json;
            findings.Pass("runs, and says how it is");
            foreach (var check in PlainText.Find(detail, "checks") is { ValueKind: JsonValueKind.Array } checks ? checks.EnumerateArray().ToArray() : [])
            {
                var (status, name) = (PlainText.Of(check, "status"), PlainText.Of(check, "name"));
                if (status == "ok") continue;
                var (code, remedy) = (PlainText.Of(check, "code"), PlainText.Of(check, "detail"));
                var what = $"{name} is {status} ({code})";
                if (status == "failed") findings.Fail(code, what, remedy is PlainText.None ? "docs/runbook.md has the code" : remedy);
                else findings.Warn(code, what, remedy is PlainText.None ? "docs/runbook.md has the code" : remedy);
            }
        }
        catch (VerbException e) when (e.ExitCode == ExitCodes.Refused)
        {
            findings.Warn("service-key", "runs; what it says of itself is not told without a key", hasKey ? "the key is none of Api:Keys, or of too small a role" : $"put a key of role viewer into {ServiceAddress.KeyVariable}");
        }
        catch (VerbException)
        {
            findings.Warn("service-detail", "runs; what it says of itself could not be asked", "ask GET /health/ready");
        }
    }
}
