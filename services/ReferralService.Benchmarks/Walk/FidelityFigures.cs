using System.Text.Json;
using ReferralService.Benchmarks.Report;
using ReferralService.Ledger;

namespace ReferralService.Benchmarks.Walk;

/// <summary>Every carried resource against the bytes that the EHR gave, in each form of a package.</summary>
internal static class FidelityFigures
{
    public static IReadOnlyList<PackageForm> Forms { get; } = [PackageForm.Document, PackageForm.Collection, PackageForm.Transaction];

    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Name of the recipient that is sent this form.</summary>
    public static string RecipientOf(PackageForm form) => $"form-{form}".ToLowerInvariant();

    public static async Task FindAsync(WarmStage warm, Findings findings)
    {
        var stage = await warm.OpenAsync();
        var given = await GivenAsync(stage);
        var table = new Table("Fidelity: every carried resource against the bytes as the EHR gave them", "form", "carried", "identical", "bytes outside references", "of them changed", "references rewritten");
        long outside = 0, changed = 0;
        foreach (var form in Forms)
        {
            var id = await stage.Services[0].SubmitAsync($"order-{RecipientOf(form)}", "main", RecipientOf(form));
            var tally = new ByteTally();
            int carried = 0, identical = 0;
            using var package = JsonDocument.Parse(await PackageAsync(stage.Services[0], id));
            foreach (var entry in package.RootElement.GetProperty("entry").EnumerateArray())
            {
                var resource = entry.GetProperty("resource");
                if (!given.TryGetValue(KeyOf(resource), out var source)) continue;
                carried++;
                var sent = System.Text.Encoding.UTF8.GetBytes(resource.GetRawText());
                if (sent.AsSpan().SequenceEqual(source)) identical++;
                tally.Add(source, sent);
            }

            if (carried < given.Count * 9 / 10) throw new BrokenRunException($"The package of form {form} carries {carried} of {given.Count} resources.");
            if (form != PackageForm.Transaction && identical != carried) throw new BrokenRunException($"{carried - identical} resources of form {form} are not the EHR's bytes.");
            table.Add($"{form}", $"{carried}", $"{identical}", $"{tally.Outside}", $"{tally.Changed}", $"{tally.Rewritten}");
            outside += tally.Outside;
            changed += tally.Changed;
        }

        if (changed > 0) throw new BrokenRunException($"{changed} bytes outside of references are not the EHR's.");
        findings.Set(Goal.Fidelity, 100.0 * (outside - changed) / outside);
        findings.Add(table);
    }

    /// <summary>What becomes of it at the recipient is of no interest here.</summary>
    private static async Task<byte[]> PackageAsync(ServiceUnderLoad service, Guid id)
    {
        using var ceiling = new CancellationTokenSource(Ceiling, TimeProvider.System);
        while (true)
        {
            using var answer = await service.Http.GetAsync(new Uri($"/api/referrals/{id}/package", UriKind.Relative), ceiling.Token);
            if (answer.IsSuccessStatusCode) return await answer.Content.ReadAsByteArrayAsync(ceiling.Token);
            await Task.Delay(Pause, TimeProvider.System, ceiling.Token);
        }
    }

    /// <summary>By type and id, from the very pages that the service read.</summary>
    private static async Task<Dictionary<string, byte[]>> GivenAsync(Stage stage)
    {
        var given = new Dictionary<string, byte[]>();
        using var http = new HttpClient();
        foreach (var asked in stage.Asked.Distinct())
        {
            if (asked.EndsWith("/metadata", StringComparison.Ordinal)) continue;
            using var answer = await http.GetAsync(new Uri(stage.Partners, asked));
            if (!answer.IsSuccessStatusCode) continue;
            using var page = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync());
            if (page.RootElement.GetProperty("resourceType").GetString() != "Bundle")
            {
                Keep(page.RootElement);
            }
            else if (page.RootElement.TryGetProperty("entry", out var entries))
            {
                foreach (var entry in entries.EnumerateArray()) Keep(entry.GetProperty("resource"));
            }
        }

        return given;

        void Keep(JsonElement resource) => given[KeyOf(resource)] = System.Text.Encoding.UTF8.GetBytes(resource.GetRawText());
    }

    private static string KeyOf(JsonElement resource)
        => $"{resource.GetProperty("resourceType").GetString()}/{(resource.TryGetProperty("id", out var id) ? id.GetString() : "")}";
}
