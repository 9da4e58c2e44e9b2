using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using ReferralService.Contracts;
using ReferralService.Intake;
using ReferralService.Intake.Answers;
using ReferralService.Intake.Settings;
using ReferralService.Ledger;
using ReferralService.Ops.Reading;

namespace ReferralService.Ops.Audit;

/// <summary><c>GET /fhir/AuditEvent</c> and <c>/fhir/AuditEvent/{id}</c>: what was disclosed about a patient, to whom, when (45 CFR 164.528 asks for six years).</summary>
internal sealed class AuditReads(DisclosureBook book, EhrRegistry ehrs, PublicAddress address)
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

        if (await ListAsync(context, query with { Limit = query.Limit + 1 }) is { } found)
        {
            await WriteAsync(context, json => WriteBundle(json, context.Request, [.. found.Take(query.Limit)], found.Count > query.Limit ? found[query.Limit - 1].Number : null));
        }
    }

    public async Task ReadAsync(HttpContext context)
    {
        if (!Guid.TryParseExact((string?)context.Request.RouteValues["id"], "D", out var id))
        {
            await RefusalAnswer.WriteAsync(context, NoEvent);
            return;
        }

        switch (await ListAsync(context, new DisclosureQuery(1, PackageId: id)))
        {
            case [var only]:
                await WriteAsync(context, json => AuditEventWriter.Write(json, only, address.Url));
                break;
            case []:
                await RefusalAnswer.WriteAsync(context, NoEvent);
                break;
        }
    }

    /// <returns>Null: answered already.</returns>
    private async Task<IReadOnlyList<DeliveredDisclosure>?> ListAsync(HttpContext context, DisclosureQuery query)
    {
        try
        {
            return await book.ListAsync(query, context.RequestAborted);
        }
        catch (VaultUnreadableException)
        {
            await RefusalAnswer.WriteAsync(context, Unreadable);
            return null;
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

    private void WriteBundle(Utf8JsonWriter json, HttpRequest request, IReadOnlyList<DeliveredDisclosure> page, long? next)
    {
        json.WriteStartObject();
        json.WriteString("resourceType", "Bundle");
        json.WriteString("type", "searchset");
        json.WriteStartArray("link");
        Link(json, "self", request.QueryString.Value ?? "");
        if (next is { } number) Link(json, "next", QueryString.Create(request.Query.Where(p => p.Key != "_cursor")).Add("_cursor", ListCursor.Write(number)).Value ?? "");
        json.WriteEndArray();
        if (page.Count > 0) json.WriteStartArray("entry");
        foreach (var disclosure in page)
        {
            json.WriteStartObject();
            json.WriteString("fullUrl", $"urn:uuid:{disclosure.Facts.PackageId:D}");
            json.WritePropertyName("resource");
            AuditEventWriter.Write(json, disclosure, address.Url);
            json.WriteStartObject("search");
            json.WriteString("mode", "match");
            json.WriteEndObject();
            json.WriteEndObject();
        }

        if (page.Count > 0) json.WriteEndArray();
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
