using ReferralService.Fhir.Json;

namespace ReferralService.Fhir.Resources;

/// <summary>A line about any clinical resource: what, when, in which state, of whom. Made for lists and narratives, where every type is to be read alike.</summary>
public sealed record SummaryView
{
    public required string Type { get; init; }
    public string? Id { get; init; }

    /// <summary>code, medication, vaccineCode or type as a person reads it, else title or description; null when nothing says.</summary>
    public string? Label { get; init; }

    /// <summary>As written, the one that says when it was so: effective, onset, occurrence, performed, started, authoredOn, date, recorded, …</summary>
    public string? Date { get; init; }

    /// <summary>status, else the code of clinicalStatus.</summary>
    public string? Status { get; init; }

    /// <summary>subject or patient; of a Coverage its beneficiary, of a Task whom it is for.</summary>
    public ReferenceView? Subject { get; init; }

    /// <summary>Bare codes (AllergyIntolerance.category) are codings without system.</summary>
    public IReadOnlyList<ConceptView> Category { get; init; } = [];

    /// <summary>medicationReference, whose resource says more than a display could.</summary>
    public ReferenceView? Medication { get; init; }

    /// <exception cref="Errors.FhirFormatException">subject, status or a date has the wrong JSON shape; the path names it.</exception>
    public static SummaryView Read(RawResource resource)
    {
        var e = ElementReader.Open(resource);
        var label = new Ranked();
        var date = new Ranked();
        string? status = null, clinicalStatus = null;
        ReferenceView? subject = null, medication = null;
        IReadOnlyList<ConceptView> category = [];
        while (e.Next())
        {
            if (e.Is("code"u8)) label.Offer(0, First(e.LooseConcepts()));
            else if (e.Is("medicationCodeableConcept"u8)) label.Offer(1, First(e.LooseConcepts()));
            else if (e.Is("medicationReference"u8)) label.Offer(2, Displayed(ref e, out medication));
            else if (e.Is("vaccineCode"u8)) label.Offer(3, First(e.LooseConcepts()));
            else if (e.Is("type"u8)) label.Offer(4, First(e.LooseConcepts()));
            else if (e.Is("title"u8)) label.Offer(5, e.LooseText());
            else if (e.Is("description"u8)) label.Offer(6, e.LooseText());
            else if (e.Is("status"u8)) status = e.Text();
            else if (e.Is("clinicalStatus"u8)) clinicalStatus = First(e.LooseConcepts(), codeFirst: true);
            else if (e.Is("subject"u8) || e.Is("patient"u8) || e.Is("beneficiary"u8) || e.Is("for"u8)) subject = e.LooseReference() ?? subject;
            else if (e.Is("category"u8)) category = e.LooseConcepts();
            else if (!TakeDate(ref e, ref date)) e.Skip();
        }

        return new SummaryView
        {
            Type = resource.Type,
            Id = resource.Id,
            Label = label.Text,
            Date = date.Text,
            Status = status ?? clinicalStatus,
            Subject = subject,
            Category = category,
            Medication = medication,
        };
    }

    private static bool TakeDate(ref ElementReader e, ref Ranked date)
    {
        if (e.IsChoice("effective"u8)) date.Offer(0, e.ChoiceDate("effective"u8));
        else if (e.IsChoice("onset"u8)) date.Offer(1, e.ChoiceDate("onset"u8));
        else if (e.IsChoice("occurrence"u8)) date.Offer(2, e.ChoiceDate("occurrence"u8));
        else if (e.IsChoice("performed"u8)) date.Offer(3, e.ChoiceDate("performed"u8));
        else if (e.Is("started"u8)) date.Offer(4, e.LooseText());
        else if (e.Is("authoredOn"u8)) date.Offer(5, e.Text());
        else if (e.Is("date"u8)) date.Offer(6, e.LooseText());
        else if (e.IsChoice("created"u8)) date.Offer(7, e.ChoiceDate("created"u8));
        else if (e.Is("recordedDate"u8) || e.Is("recorded"u8)) date.Offer(8, e.LooseText());
        else if (e.Is("period"u8)) date.Offer(9, e.LoosePeriodStart());
        else if (e.Is("issued"u8) || e.Is("created"u8)) date.Offer(10, e.LooseText());
        else return false;
        return true;
    }

    private static string? First(IReadOnlyList<ConceptView> concepts, bool codeFirst = false)
        => concepts.Count == 0 ? null : (codeFirst ? concepts[0].Codings.Select(c => c.Code).FirstOrDefault(c => c is not null) : null) ?? concepts[0].Label;

    /// <summary>Many EHRs name a drug only by a reference with a display; here, and only here, it is what a person reads.</summary>
    private static string? Displayed(ref ElementReader e, out ReferenceView? reference)
    {
        reference = null;
        if (!e.Enter()) return null;
        string? text = null, display = null;
        while (e.Next())
        {
            if (e.Is("reference"u8)) text = e.Text();
            else if (e.Is("display"u8)) display = e.Text();
            else e.Skip();
        }

        if (text is not null) reference = ReferenceView.To(text);
        return display;
    }

    /// <summary>The offer of the lowest rank.</summary>
    private struct Ranked()
    {
        private int _rank = int.MaxValue;

        public string? Text { get; private set; }

        public void Offer(int rank, string? text)
        {
            if (text is null || rank >= _rank) return;
            (_rank, Text) = (rank, text);
        }
    }
}
