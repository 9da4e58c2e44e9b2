using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using ReferralService.Contracts;
using ReferralService.Fhir.Errors;
using ReferralService.Intake;
using ReferralService.Intake.Access;
using ReferralService.Intake.Answers;
using ReferralService.Intake.Settings;
using ReferralService.Ledger;

namespace ReferralService.Ops.Audit;

/// <summary><c>GET /fhir/AuditEvent</c> and <c>/fhir/AuditEvent/{id}</c>: what was disclosed about a patient, to whom, when (45 CFR 164.528 asks for six years).</summary>
internal sealed class AuditReads(DisclosureBook book, EhrRegistry ehrs, PublicAddress address, LedgerOptions ledger, TimeProvider clock)
{
    private const string FhirJson = "application/fhir+json";

    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Refusal NoEvent = new(StatusCodes.Status404NotFound, ReasonCodes.NotFound, "not-found", "There is no AuditEvent of this id. Its id is that of the package that was delivered.");

    private static readonly Refusal Unreadable = new(
        StatusCodes.Status500InternalServerError, ReasonCodes.VaultKeyMissing, "exception", "The key this was sealed with is not in Vault:KeyFile, or it is damaged. Tell the operator.");

    public async Task SearchAsync(HttpContext context)
    {
        var (query, fault) = AuditFilters.Read(context.Request.Query, ehrs);
        if (query is null)
        {
            await RefusalAnswer.WriteAsync(context, Refusal.BadRequest("value", fault!));
            return;
        }

        var page = await book.PageAsync(query, context.RequestAborted);
        var unaccounted = await book.UnaccountedAsync(query, clock.GetUtcNow() - ledger.DisclosureRetention, context.RequestAborted);
        await WriteAsync(context, json => WriteBundle(json, context, page, Gaps(page, unaccounted)));
    }

    public async Task ReadAsync(HttpContext context)
    {
        if (!Guid.TryParseExact((string?)context.Request.RouteValues["id"], "D", out var id))
        {
            await RefusalAnswer.WriteAsync(context, NoEvent);
            return;
        }

        try
        {
            if (await book.FindAsync(id, context.RequestAborted) is { } found) await WriteAsync(context, json => AuditEventWriter.Write(json, found, address.Url, Caller.MayReadRecords(context)));
            else await RefusalAnswer.WriteAsync(context, NoEvent);
        }
        catch (VaultUnreadableException)
        {
            await RefusalAnswer.WriteAsync(context, Unreadable);
        }
    }

    private static async Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer, Readable))
        {
            write(json);
        }

        context.Response.ContentType = FhirJson;
        context.Response.ContentLength = buffer.WrittenCount;
        context.Response.Headers.CacheControl = "no-store";
        if (!HttpMethods.IsHead(context.Request.Method)) await context.Response.Body.WriteAsync(buffer.WrittenMemory, context.RequestAborted);
    }

    private void WriteBundle(Utf8JsonWriter json, HttpContext context, DisclosurePage page, ReportedIssue[] gaps)
    {
        var request = context.Request;
        json.WriteStartObject();
        json.WriteString("resourceType", "Bundle");
        json.WriteString("type", "searchset");
        json.WriteStartArray("link");
        Link(json, "self", request.QueryString.Value ?? "");
        if (page.Next is { } place) Link(json, "next", QueryString.Create(request.Query.Where(p => p.Key != "_cursor")).Add("_cursor", AuditCursor.Write(place)).Value ?? "");
        json.WriteEndArray();
        if (page.Items.Count + gaps.Length > 0) json.WriteStartArray("entry");
        foreach (var disclosure in page.Items)
        {
            json.WriteStartObject();
            json.WriteString("fullUrl", $"urn:uuid:{disclosure.Facts.PackageId:D}");
            json.WritePropertyName("resource");
            AuditEventWriter.Write(json, disclosure, address.Url, Caller.MayReadRecords(context));
            Mode(json, "match");
            json.WriteEndObject();
        }

        if (gaps.Length > 0)
        {
            json.WriteStartObject();
            json.WritePropertyName("resource");
            var outcome = new ArrayBufferWriter<byte>(512);
            OperationOutcomeWriter.Write(outcome, gaps);
            json.WriteRawValue(outcome.WrittenSpan);
            Mode(json, "outcome");
            json.WriteEndObject();
        }

        if (page.Items.Count + gaps.Length > 0) json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>A list that leaves something out says so: whoever asks for an accounting must not take it for the whole.</summary>
    private static ReportedIssue[] Gaps(DisclosurePage page, UnaccountedDeliveries unaccounted)
    {
        var gaps = new List<ReportedIssue>(2);
        if (page.Sealed + page.Damaged > 0)
        {
            gaps.Add(new ReportedIssue(
                "warning", "incomplete", $"This list is not whole. Sealed with keys that are not in Vault:KeyFile, of whichever patient: {page.Sealed}; damaged, on this page: {page.Damaged}. Tell the operator.",
                null, RefusalAnswer.CodeSystem, page.Sealed > 0 ? ReasonCodes.VaultKeyMissing : ReasonCodes.VaultDamaged));
        }

        if (unaccounted is { Last: { } last, Count: var count })
        {
            gaps.Add(new ReportedIssue(
                "warning", "incomplete",
                $"This list is not whole. Delivered within the time asked for of packages that a former version made, which kept no account, of whichever patient: {count}; the last on {last.UtcDateTime:yyyy-MM-dd}. Referrals that were delivered until then are in GET /api/referrals."));
        }

        return [.. gaps];
    }

    private static void Mode(Utf8JsonWriter json, string mode)
    {
        json.WriteStartObject("search");
        json.WriteString("mode", mode);
        json.WriteEndObject();
    }

    /// <summary>Relative to this server where nobody has told it its own address.</summary>
    private void Link(Utf8JsonWriter json, string relation, string query)
    {
        json.WriteStartObject();
        json.WriteString("relation", relation);
        json.WriteString("url", $"{address.Url?.AbsoluteUri.TrimEnd('/')}/fhir/AuditEvent{query}");
        json.WriteEndObject();
    }
}
