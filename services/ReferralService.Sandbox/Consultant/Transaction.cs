using System.Text.Json;
using ReferralService.Sandbox.Repository;
using ReferralService.Sandbox.Serving;

namespace ReferralService.Sandbox.Consultant;

/// <summary>What a transaction or batch came to.</summary>
/// <param name="Key">Of its first Task, else of its first resource; null when nothing was stored.</param>
internal sealed record TransactionResult(string Interaction, byte[] Response, IReadOnlyList<string> Stored, string? Key, string? Identifier);

/// <summary>POST at the base (R4 http.html#transaction): gives ids, rewrites the references between entries, stores, answers entry by entry.</summary>
internal sealed class Transaction(ResourceStore store, SandboxConsultantOptions options)
{
    private readonly Lock _gate = new();

    /// <exception cref="FhirRefusal">The whole is refused and nothing is stored.</exception>
    public TransactionResult Carry(string baseUrl, ReadOnlyMemory<byte> body)
    {
        var (type, entries) = TransactionEntry.ReadAll(body, baseUrl);
        var atomic = type == "transaction" && options.Transactions == TransactionMode.Atomic;
        if (entries.Count > options.MaxEntries) throw new FhirRefusal(400, "too-costly", $"At most {options.MaxEntries} entries.");
        lock (_gate)
        {
            foreach (var entry in entries) Resolve(entry);
            if (atomic && entries.Find(e => e.Refusal is not null)?.Refusal is { } refusal) throw refusal;
            var places = entries.Where(e => e.Refusal is null && e.FullUrl is not null).GroupBy(e => e.FullUrl!).ToDictionary(g => g.Key, g => g.Last().Key!);
            foreach (var entry in entries.Where(e => e.Refusal is null)) entry.Rewritten = References.Rewrite(entry.Resource.Span, places);
            if (atomic && entries.Exists(e => e.Refusal is null && References.HasUnresolved(e.Rewritten))) throw new FhirRefusal(400, "not-found", "A urn reference names no entry.");

            var fresh = entries.Where(e => e is { Refusal: null, Existing: null }).ToList();
            var written = store.WriteAll([.. fresh.Select(e => (e.Type, e.Id!, (ReadOnlyMemory<byte>)e.Rewritten))]);
            for (var i = 0; i < fresh.Count; i++) fresh[i].Stored = written[i];

            var task = fresh.Find(e => e.Type == "Task");
            return new TransactionResult(
                type, Response(type, entries), [.. written.Select(r => r.Key)], (task ?? fresh.FirstOrDefault())?.Key,
                task is null ? null : SandboxConsultant.Identifier(task.Resource));
        }
    }

    /// <summary>Gives the entry its place: an id of ours for a POST, the one that exists for a matched condition, the URL's for a PUT.</summary>
    private void Resolve(TransactionEntry entry)
    {
        if (entry.Refusal is not null) return;
        if (SearchParameters.Of(entry.Type) is null || options.RefusedTypes.Contains(entry.Type))
        {
            entry.Refusal = new FhirRefusal(422, "business-rule", "This type is not taken here.");
            return;
        }
        if (entry.Method == "PUT")
        {
            var exists = store.Latest(entry.Type, entry.Id!) is not null;
            if (!exists && !options.UpdateCreate) entry.Refusal = new FhirRefusal(404, "not-found", "Ids are given by this server.");
            return;
        }
        if (entry.IfNoneExist is { } condition)
        {
            var query = SearchQuery.Read(entry.Type, Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(condition).SelectMany(p => p.Value.Select(v => KeyValuePair.Create(p.Key, v ?? ""))), DateSearch.Supported);
            var found = store.All(entry.Type, query.Patient).Where(query.Matches).Take(2).ToList();
            if (found.Count > 1 || query.Unknown.Count > 0) entry.Refusal = new FhirRefusal(412, "multiple-matches", "The condition does not name one.");
            if (found.Count == 1) entry.Existing = found[0];
        }
        entry.Id = entry.Existing?.Id ?? store.NextId();
    }

    private static byte[] Response(string type, List<TransactionEntry> entries) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        resourceType = "Bundle",
        type = $"{type}-response",
        entry = entries.Select(e => e.Refusal is { } refusal
            ? new { response = (object)new { status = refusal.Status.ToString(), outcome = JsonSerializer.Deserialize<JsonElement>(FhirExchange.Outcome(refusal.Issue, refusal.Message)) } }
            : new { response = (object)Placed(e) }),
    });

    private static object Placed(TransactionEntry entry)
    {
        var resource = entry.Existing ?? entry.Stored!;
        var created = entry.Existing is null && resource.Version == "1";
        return new
        {
            status = created ? "201 Created" : "200 OK",
            location = $"{resource.Key}/_history/{resource.Version}",
            etag = resource.ETag,
            lastModified = StoredResource.Instant(resource.LastUpdated),
        };
    }
}
