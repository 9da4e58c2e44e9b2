using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;

namespace ReferralService.Packaging.Withholding;

/// <summary>Holds the conditions of one provision against a disclosure and its data.</summary>
internal static class ProvisionFit
{
    private const string Action = "http://terminology.hl7.org/CodeSystem/consentaction";
    private static readonly string[] Actions = ["collect", "access", "use", "disclose", "correct"];
    private static readonly string[] Recipients = ["IRCP", "PRCP"];

    /// <summary>Period, recipient, purpose, action: the same for every resource.</summary>
    public static Fit Disclosure(ConsentProvision provision, DisclosureScene scene)
        => InForce(provision, scene)
            .And(Fits.AnyOf(provision.Actors, a => Role(a.Role).And(scene.Means(a.Reference))))
            .And(Fits.AnyOf(provision.Purposes, p => Purpose(p, scene)))
            .And(Fits.AnyOf(provision.Actions.SelectMany(a => a.Codings.DefaultIfEmpty(default)).ToList(), Acts))
            .And(provision.NotUnderstood.Count > 0 ? Fit.Maybe : Fit.Yes);

    /// <summary>A last day that is over somewhere on earth may be over. A first day counts from when it begins somewhere: a consent signed today means today.</summary>
    public static Fit InForce(ConsentProvision provision, DisclosureScene scene)
        => provision.Period is not var (start, end) ? Fit.Yes
            : DateSpan.Of(start, end) is not { } period ? Fit.Maybe
            : !period.Overlaps(new DateSpan(scene.At, scene.At)) ? Fit.No
            : end is not null && DateSpan.Of(end)!.Value.EndsFirst < scene.At ? Fit.Maybe : Fit.Yes;

    /// <summary>Class, labels, time, data: of one resource.</summary>
    /// <param name="permits">What decides the doubtful cases: a permit's data must surely be within its bounds.</param>
    public static Fit Data(ConsentProvision provision, ConsentItem item, DisclosureScene scene, bool permits)
    {
        var labels = permits ? LabelFit.Permitted(provision.SecurityLabels, item.Traits.Labels) : LabelFit.Denied(provision.SecurityLabels, item.Traits.Labels);

        // Subsumption of codes needs a terminology server: neither "it is not that" nor "it is that" can be said.
        var fit = labels.And(provision.Codes.Count > 0 ? Fit.Maybe : Fit.Yes);
        bool unbound = permits && (item.IsActor || scene.UrlOf(item.Resource) == scene.Order);
        return unbound ? fit : fit
            .And(Fits.AnyOf(provision.Classes, c => Class(c, item)))
            .And(Period(provision.DataPeriod, item, permits))
            .And(Fits.AnyOf(provision.Data, d => Named(d, item, scene)));
    }

    private static Fit Role(ConceptView? role)
        => role is null ? Fit.Maybe : role.Codings.Any(c => c.Code is not null && Recipients.Contains(c.Code)) ? Fit.Yes : Fit.Maybe;

    private static Fit Purpose(CodingView purpose, DisclosureScene scene) => purpose switch
    {
        { Code: null } => Fit.Maybe,
        _ when !LabelSystems.IsReasons(purpose.System) => Fit.Maybe,
        { Code: "PurposeOfUse" or "GeneralPurposeOfUse" } => Fit.Yes,
        _ => Fits.When(purpose.Code == scene.Purpose),
    };

    private static Fit Acts(CodingView action)
        => action.System != Action || !Actions.Contains(action.Code) ? Fit.Maybe
            : action.Code switch { "disclose" => Fit.Yes, "access" or "use" => Fit.Maybe, _ => Fit.No };

    private static Fit Class(CodingView of, ConsentItem item)
        => of.System is "http://hl7.org/fhir/resource-types" or "http://hl7.org/fhir/fhir-types" && of.Code is { } type ? Fits.When(type == item.Resource.Key.Type) : Fit.Maybe;

    private static Fit Period((string? Start, string? End)? bounds, ConsentItem item, bool permits)
    {
        if (bounds is not var (start, end)) return Fit.Yes;
        if (DateSpan.Of(start, end) is not { } period) return Fit.Maybe;
        if (item.Traits.When is not { } when) return item.IsActor ? Fit.No : Fit.Maybe;
        if (!when.Overlaps(period)) return Fit.No;
        // The ends of a period that names days are as wide as the earth is; of what must be within it, too.
        return permits && DateSpan.Of(start, end) is { } whole && (when.Earliest < whole.Earliest || when.Latest > whole.Latest) ? Fit.Maybe : Fit.Yes;
    }

    private static Fit Named(ConsentData data, ConsentItem item, DisclosureScene scene) => data.Meaning switch
    {
        "instance" => scene.Names(data.Reference, scene.UrlOf(item.Resource)),
        "related" or "dependents" => scene.Names(data.Reference, scene.UrlOf(item.Resource)).Or(Refers(item.Resource.References.Where(r => r.Site == ReferenceSite.Reference), data.Reference, scene)),
        "authoredby" when item.IsActor => Fit.No,
        "authoredby" => item.Authors.Any() ? Refers(item.Authors, data.Reference, scene) : Fit.Maybe,
        _ => Fit.Maybe,
    };

    private static Fit Refers(IEnumerable<FoundReference> from, ReferenceView? to, DisclosureScene scene)
    {
        if (to?.Reference is not { } literal || scene.Ehr.UrlOf(literal) is not { } url) return Fit.Maybe;
        return Fits.When(from.Any(r => scene.Ehr.UrlOf(FhirReference.Parse(r.Text)) == url));
    }
}
