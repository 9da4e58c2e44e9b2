using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using ReferralService.Fhir.Client;
using ReferralService.Fhir.Errors;
using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Files;

/// <summary>A file that is wanted.</summary>
/// <param name="Ask">As the first resource that refers to it describes it.</param>
/// <param name="Link">Null: it is a Binary of the EHR's.</param>
/// <param name="LeastSize">The smallest that any resource says it has, in bytes; null: one of them says nothing.</param>
internal sealed record FileWish(FileAsk Ask, FileLink? Link, long? LeastSize)
{
    public static readonly FileWish Binary = new(FileAsk.Nothing, null, null);
}

/// <summary>Fetches files, each as a Binary: as FHIR JSON where that has the bytes, else the bytes themselves, streamed into a Binary of our writing.</summary>
internal sealed class FileReads(EhrConnection ehr, RecordIndex index, PatientCheck patient, GatheringOptions limits)
{
    private const string Anything = "*/*";

    /// <summary>Room for what a Binary says beside its bytes.</summary>
    private const int Beside = 64 * 1024;

    public async Task<Fetched> ReadAsync(ResourceKey key, FileWish wish, CancellationToken cancellationToken)
    {
        // Decided before anything is asked: what all say is too large is not begun.
        if (wish.LeastSize is { } size && (size > limits.MaxAttachmentBytes || index.Bytes + InBase64(size) > limits.MaxRecordBytes)) return TooLarge;
        try
        {
            return wish.Link is { } link ? await LinkedAsync(key, link, wish.Ask, cancellationToken) : await OwnAsync(key, wish.Ask, cancellationToken);
        }
        catch (Exception e) when (EhrFailure.Of(e) is { } failure)
        {
            if (failure.Kind == FailureKind.TooMuch) return TooLarge;
            // Our credentials are not asked for there: a signature that is over is the file's affair.
            if (wish.Link is not null && failure.Kind == FailureKind.Unauthorized) failure = failure with { Kind = FailureKind.Forbidden };
            return new Fetched(null, failure.Gap, failure);
        }
        catch (RecordLimitException)
        {
            return TooLarge;
        }
    }

    private static Fetched TooLarge => new(null, GapReason.TooLarge, null);

    private static Fetched NoContent => new(null, GapReason.NoContent, null);

    private static long InBase64(long bytes) => (bytes + 2) / 3 * 4;

    private async Task<Fetched> OwnAsync(ResourceKey key, FileAsk ask, CancellationToken cancellationToken)
    {
        var (whole, bare) = await ehr.GetAsync(
            async (client, token) =>
            {
                using var draft = index.Draft();
                var binary = await client.ReadBinaryAsync(key.Id, InBase64(limits.MaxAttachmentBytes) + Beside, draft.Append, token);
                return binary is not null && HasData(binary) ? (Keep(binary, key, draft) with { File = index.DigestOfFile(binary) }, null) : ((Fetched?)null, binary);
            },
            cancellationToken);
        if (whole is { } kept) return kept;
        if (bare is { Cuts.Count: > 0 }) bare = null;
        if (bare is not null && Why(bare, key) is { } other) return other;

        var question = Question(ask) with { Id = key.Id, Bare = bare };
        return await ehr.GetAsync((client, token) => BytesAsync(client, $"{client.Base}/Binary/{key.Id}", question, key, token), cancellationToken);
    }

    private async Task<Fetched> LinkedAsync(ResourceKey key, FileLink link, FileAsk ask, CancellationToken cancellationToken)
    {
        // An interface beside the FHIR base answers in JSON or XML, and what type is declared its author decides: a file at the EHR's own origin is neither.
        var question = Question(ask) with { Data = ehr.Files.IsOwn(link) ? DataAnswers.Refused : DataAnswers.WhenDeclared };
        var fetched = await ehr.Files.Open(link).GetAsync((client, token) => BytesAsync(client, link.Url, question, key, token), cancellationToken);
        return fetched with { Body = fetched.Body is { } body ? body with { Address = link.Url } : null };
    }

    private FileQuestion Question(FileAsk ask)
    {
        // Asked for as FHIR it would come as the resource that describes it.
        bool askable = MediaTypeHeaderValue.TryParse(ask.ContentType, out var type) && type.MediaType?.Contains("fhir", StringComparison.OrdinalIgnoreCase) == false;
        return new FileQuestion(askable ? type!.ToString() : Anything, limits.MaxAttachmentBytes) { Declared = ask.ContentType };
    }

    private async Task<Fetched> BytesAsync(FhirClient client, string url, FileQuestion question, ResourceKey key, CancellationToken cancellationToken)
    {
        using var draft = index.Draft();
        FileAnswer? answer;
        try
        {
            answer = await client.ReadFileAsync(url, question, draft.Append, cancellationToken);
        }
        catch (FhirRequestException e) when (e.Status == HttpStatusCode.NotAcceptable && question.Accept != Anything)
        {
            // It has the file under another type than the one that is told.
            answer = await client.ReadFileAsync(url, question with { Accept = Anything }, draft.Append, cancellationToken);
        }

        if (answer is not { Digest.Length: > 0 }) return NoContent;

        // Where the EHR's description names another one, both count.
        if (answer.SecurityContext is { } about && Why([new FoundReference(0, 0, ReferenceSite.Reference, about, "securityContext")], key) is { } other) return other;
        return Keep(answer.Binary, key, draft) with { File = answer.Digest };
    }

    private Fetched Keep(RawResource binary, ResourceKey key, SpoolDraft draft)
    {
        var references = new List<FoundReference>();
        var signs = index.Scan(binary, references);
        if (Why(references, key) is { } other) return other;
        var body = index.StoreScanned(binary, references, signs, draft, named: key);
        draft.Keep(body);
        return new Fetched(body, null, null);
    }

    /// <summary>Null: it is not another patient's.</summary>
    private Fetched? Why(RawResource binary, ResourceKey key)
    {
        var references = new List<FoundReference>();
        index.Scan(binary, references);
        return Why(references, key);
    }

    private Fetched? Why(List<FoundReference> references, ResourceKey key) => patient.TieOf(key, references) switch
    {
        PatientTie.Other => new Fetched(null, GapReason.OtherPatient, null),
        PatientTie.Unverifiable => new Fetched(null, GapReason.PatientUnknown, null),
        _ => null,
    };

    private static bool HasData(RawResource binary)
    {
        var reader = binary.Reader();
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool data = reader.ValueTextEquals("data"u8);
            reader.Read();
            if (data) return reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length > 0;
            reader.Skip();
        }

        return false;
    }
}
