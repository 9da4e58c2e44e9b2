using System.Text.Json;
using ReferralService.Fhir.Json;

namespace ReferralService.Fhir.Validation;

/// <summary>A Bundle's own invariants, which look across its entries (bundle.html): read in one pass over the envelope.</summary>
internal static class BundleInvariants
{
    public static readonly IReadOnlyList<string> Keys = ["bdl-1", "bdl-2", "bdl-3", "bdl-4", "bdl-5", "bdl-7", "bdl-8", "bdl-9", "bdl-10", "bdl-11", "bdl-12"];

    /// <param name="bundle">On its opening brace.</param>
    public static void Check(TokenReader bundle, LintMemory memory, int limit)
    {
        var whole = new ElementSlice(bundle);
        string? type = whole.Text("type"u8);
        var identifier = whole.Child("identifier"u8);
        var entries = Entries(bundle);
        void Broken(string key, long at) => LintWalk.Report(memory, limit, new FoundFault(LintCode.Invariant, LintSeverity.Error, at, null, key));

        long start = whole.At;
        if (whole.Has("total"u8) && type is not ("searchset" or "history")) Broken("bdl-1", start);
        if (type == "document" && !(identifier.Has("system"u8) && identifier.Has("value"u8))) Broken("bdl-9", start);
        if (type == "document" && whole.Text("timestamp"u8) is null) Broken("bdl-10", start);
        string? head = entries.Count > 0 ? entries[0].ResourceType : null;
        if (type == "document" && head != "Composition") Broken("bdl-11", start);
        if (type == "message" && head != "MessageHeader") Broken("bdl-12", start);

        bool requests = type is "batch" or "transaction" or "history", responses = type is "batch-response" or "transaction-response" or "history";
        var fullUrls = new HashSet<(string, string?)>();
        foreach (var entry in entries)
        {
            if (entry.HasSearch && type != "searchset") Broken("bdl-2", entry.At);
            if (entry.HasRequest != requests) Broken("bdl-3", entry.At);
            if (entry.HasResponse != responses) Broken("bdl-4", entry.At);
            if (!entry.HasResource && !entry.HasRequest && !entry.HasResponse) Broken("bdl-5", entry.At);
            if (entry.FullUrl is not { } url) continue;
            if (type != "history" && !fullUrls.Add((url, entry.VersionId))) Broken("bdl-7", entry.At);
            if (url.Contains("/_history/", StringComparison.Ordinal)) Broken("bdl-8", entry.At);
        }
    }

    private sealed record Entry(long At, string? FullUrl, bool HasSearch, bool HasRequest, bool HasResponse, bool HasResource, string? ResourceType, string? VersionId);

    private static List<Entry> Entries(TokenReader reader)
    {
        var entries = new List<Entry>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool found = reader.ValueTextEquals("entry"u8);
            reader.Read();
            if (!found || reader.TokenType != JsonTokenType.StartArray)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType == JsonTokenType.StartObject) entries.Add(Read(new ElementSlice(reader)));
                reader.Skip();
            }
        }

        return entries;
    }

    private static Entry Read(ElementSlice entry)
    {
        var resource = entry.Child("resource"u8);
        return new Entry(
            entry.At, entry.Text("fullUrl"u8), entry.Has("search"u8), entry.Has("request"u8), entry.Has("response"u8), entry.Has("resource"u8),
            resource.Text("resourceType"u8), resource.Child("meta"u8).Text("versionId"u8));
    }
}
