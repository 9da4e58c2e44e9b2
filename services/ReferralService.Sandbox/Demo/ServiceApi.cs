using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ReferralService.Sandbox.Demo;

internal sealed record PackageFacts(string Id, int Version, string Form, string Digest, long Bytes, int Entries);

internal sealed record ErrorFacts(string Code, string? Message);

/// <summary>A line of a referral's timeline; notes have no sequence.</summary>
internal sealed record TimelineFacts(int? Sequence, string Event, DateTimeOffset At, int? Attempt, string? ErrorCode, DateTimeOffset? NextAttemptAt)
{
    /// <summary>Whatever else the line tells.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement> More { get; init; } = [];

    /// <summary>A word of the line's <c>detail</c>, e.g. <c>location</c>.</summary>
    public string? Detail(string name)
        => More.TryGetValue("detail", out var detail) && detail.ValueKind == JsonValueKind.Object && detail.TryGetProperty(name, out var word) ? word.ToString() : null;
}

internal sealed record ReferralFacts(
    string Id, string ServiceRequest, string? Recipient, string State, int Attempt, PackageFacts? Package, ErrorFacts? Error, IReadOnlyList<TimelineFacts>? Timeline);

/// <summary>The package as the service shows it.</summary>
internal sealed record ShownPackage(byte[] Bytes, string? ETag)
{
    /// <summary>Its resources by type, the many first: <c>Observation 37</c>.</summary>
    public IReadOnlyList<string> Types()
    {
        using var document = JsonDocument.Parse(Bytes);
        var types = document.RootElement.GetProperty("entry").EnumerateArray().Select(e => e.GetProperty("resource").GetProperty("resourceType").GetString()!);
        return [.. types.GroupBy(t => t).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Key} {g.Count()}")];
    }
}

/// <summary>The service's API as an engineer uses it.</summary>
internal sealed class ServiceApi(HttpClient http, Uri url, TimeProvider clock)
{
    private sealed record Page(IReadOnlyList<ReferralFacts> Items, string? Next);

    /// <exception cref="DemoFailure">It ended, or was not ready within the time.</exception>
    public async Task ReadyAsync(ServiceProcess process, TimeSpan within, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri(url, "/health/ready"), cancellationToken);
                if (answer.IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }
            if (process.HasExited) throw new DemoFailure("The service ended while it started.");
            if (clock.GetElapsedTime(started) > within) throw new DemoFailure($"The service was not ready within {within.TotalSeconds:0} s.");
            await Task.Delay(TimeSpan.FromMilliseconds(100), clock, cancellationToken);
        }
    }

    /// <summary>The id of the referral made of an order; null while there is none.</summary>
    public async Task<string?> FindAsync(string serviceRequest, CancellationToken cancellationToken)
    {
        var page = await http.GetFromJsonAsync<Page>(new Uri(url, "/api/referrals?limit=50"), cancellationToken);
        return page!.Items.FirstOrDefault(r => r.ServiceRequest == serviceRequest)?.Id;
    }

    public async Task<IReadOnlyList<ReferralFacts>> AllAsync(CancellationToken cancellationToken)
        => (await http.GetFromJsonAsync<Page>(new Uri(url, "/api/referrals?limit=50"), cancellationToken))!.Items;

    /// <summary>Every referral that has changed since then (null: every one), newest first.</summary>
    public async Task<IReadOnlyList<ReferralFacts>> ChangedAsync(DateTimeOffset? since, CancellationToken cancellationToken)
    {
        var changed = new List<ReferralFacts>();
        string? next = null;
        do
        {
            var query = $"limit=50{(since is { } at ? $"&updatedSince={at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}" : "")}{(next is null ? "" : $"&cursor={Uri.EscapeDataString(next)}")}";
            var page = await http.GetFromJsonAsync<Page>(new Uri(url, $"/api/referrals?{query}"), cancellationToken);
            changed.AddRange(page!.Items);
            next = page.Next;
        }
        while (next is not null);
        return changed;
    }

    /// <exception cref="HttpRequestException">There is none.</exception>
    public async Task<ManifestFacts> ManifestAsync(string id, CancellationToken cancellationToken)
        => (await http.GetFromJsonAsync<ManifestFacts>(new Uri(url, $"/api/referrals/{id}/manifest"), cancellationToken))!;

    /// <summary>What would be sent if a referral of this order came.</summary>
    public async Task<PreviewFacts> PreviewAsync(string serviceRequest, CancellationToken cancellationToken)
    {
        using var body = new StringContent(JsonSerializer.Serialize(new { ehr = "main", serviceRequest }), Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri(url, "/api/referrals/preview"), body, cancellationToken);
        if (answer.IsSuccessStatusCode) return new PreviewFacts((int)answer.StatusCode, await answer.Content.ReadFromJsonAsync<ManifestFacts>(cancellationToken), null, []);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        var missing = problem.TryGetProperty("missing", out var items) ? items.EnumerateArray().Select(i => i.GetString()!) : [];
        return new PreviewFacts((int)answer.StatusCode, null, problem.GetProperty("code").GetString(), [.. missing]);
    }

    /// <summary>What was disclosed.</summary>
    /// <param name="patient"><c>Patient/id</c>; null: about anybody.</param>
    public async Task<IReadOnlyList<DisclosureTold>> DisclosuresAsync(string? patient, CancellationToken cancellationToken)
    {
        var found = await http.GetFromJsonAsync<JsonElement>(new Uri(url, $"/fhir/AuditEvent?_count=200{(patient is null ? "" : $"&patient={patient}")}"), cancellationToken);
        return found.TryGetProperty("entry", out var entries) ? [.. entries.EnumerateArray().Select(e => DisclosureTold.Read(e.GetProperty("resource")))] : [];
    }

    public async Task<ReferralFacts> ShowAsync(string id, CancellationToken cancellationToken)
        => (await http.GetFromJsonAsync<ReferralFacts>(new Uri(url, $"/api/referrals/{id}"), cancellationToken))!;

    public async Task<ShownPackage> PackageAsync(string id, CancellationToken cancellationToken)
    {
        using var answer = await http.GetAsync(new Uri(url, $"/api/referrals/{id}/package"), cancellationToken);
        if (answer.StatusCode != HttpStatusCode.OK) throw new DemoFailure($"GET /api/referrals/{id}/package answered {(int)answer.StatusCode}.");
        return new ShownPackage(await answer.Content.ReadAsByteArrayAsync(cancellationToken), answer.Headers.ETag?.Tag.Trim('"'));
    }

    /// <param name="recipient">Null: as before.</param>
    /// <exception cref="DemoFailure">Refused.</exception>
    public async Task RetryAsync(string id, string? recipient, CancellationToken cancellationToken)
    {
        using var body = new StringContent(recipient is null ? "{}" : JsonSerializer.Serialize(new { recipient }), Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri(url, $"/api/referrals/{id}/retry"), body, cancellationToken);
        if (answer.StatusCode != HttpStatusCode.Accepted)
            throw new DemoFailure($"POST /api/referrals/{id}/retry answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(cancellationToken)}");
    }
}
