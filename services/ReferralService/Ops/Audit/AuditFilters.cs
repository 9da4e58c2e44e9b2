using System.Globalization;
using ReferralService.Fhir.References;
using ReferralService.Intake;
using ReferralService.Ledger;

namespace ReferralService.Ops.Audit;

/// <summary>The query of <c>GET /fhir/AuditEvent</c>, read strictly: a parameter that is ignored would show other patients' events.</summary>
internal static class AuditFilters
{
    public const int DefaultCount = 50, MostCount = 200;

    /// <returns>The query, or null and what is wrong.</returns>
    public static (DisclosureQuery? Query, string? Fault) Read(IQueryCollection parameters, EhrRegistry ehrs)
    {
        var query = new DisclosureQuery(DefaultCount);
        foreach (var (name, values) in parameters)
        {
            if (name != "date" && values.Count != 1) return (null, "Each parameter but date may be given once.");
            foreach (var value in values)
            {
                if (Apply(query, name, value ?? "", ehrs) is not { } next) return (null, Wrong(name));
                query = next;
            }
        }

        return (query, null);
    }

    private static DisclosureQuery? Apply(DisclosureQuery query, string name, string value, EhrRegistry ehrs) => name switch
    {
        "patient" => Patients(value, ehrs) is { Count: > 0 } patients ? query with { Patients = patients } : null,
        "date" => Date(query, value),
        "_count" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= MostCount ? query with { Limit = count } : null,
        "_cursor" => AuditCursor.Read(value) is { } before ? query with { Before = before } : null,
        _ => null,
    };

    /// <summary>A bare id or <c>Patient/id</c> means that patient at any of the EHRs.</summary>
    private static List<string>? Patients(string value, EhrRegistry ehrs)
    {
        var reference = FhirReference.Parse(value.Contains('/') ? value : $"Patient/{value}");
        if (reference is not { Type: "Patient", Id: not null, Version: null }) return null;
        return reference.Kind switch
        {
            ReferenceKind.Relative => [.. ehrs.All.Select(e => reference.AbsoluteUrl(e.BaseUrl.AbsoluteUri)!)],
            ReferenceKind.Absolute => [reference.AbsoluteUrl("")!],
            _ => null,
        };
    }

    /// <summary>R4's prefixes that a log is asked by.</summary>
    private static DisclosureQuery? Date(DisclosureQuery query, string value)
    {
        bool prefixed = value.Length > 2 && char.IsAsciiLetterLower(value[0]);
        if (DateSpan.Read(prefixed ? value[2..] : value) is not { } span) return null;
        return (prefixed ? value[..2] : "eq") switch
        {
            "ge" => query with { From = Later(query.From, span.First) },
            "gt" => query with { From = Later(query.From, span.End) },
            "lt" => query with { Until = Earlier(query.Until, span.First) },
            "le" => query with { Until = Earlier(query.Until, span.End) },
            "eq" => query with { From = Later(query.From, span.First), Until = Earlier(query.Until, span.End) },
            _ => null,
        };
    }

    private static DateTimeOffset Later(DateTimeOffset? one, DateTimeOffset other) => one > other ? one.Value : other;

    private static DateTimeOffset Earlier(DateTimeOffset? one, DateTimeOffset other) => one < other ? one.Value : other;

    private static string Wrong(string name) => name switch
    {
        "patient" => "patient must be an id, Patient/id, or the absolute URL of a Patient.",
        "date" => "date must be a year, a month (2026-11), a day or an instant (a + of an offset is written %2B), with ge, gt, le, lt or eq before it or nothing.",
        "_count" => $"_count must be a whole number from 1 to {MostCount}.",
        "_cursor" => "_cursor must stand as the next link of an earlier page has it.",
        _ => "Only patient, date, _count and _cursor may be given.",
    };
}
