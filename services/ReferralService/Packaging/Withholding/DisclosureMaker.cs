using ReferralService.Contracts;
using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering;

namespace ReferralService.Packaging.Withholding;

/// <summary>Sorts a gathered record into what goes and what stays, after everything has been followed: what a reference led to may be more sensitive than what led there.</summary>
internal sealed class DisclosureMaker(ConsentOptions options)
{
    /// <param name="recipient">All that means the recipient, as written: <c>Type/id</c>, absolute URLs, <c>system|value</c>.</param>
    /// <exception cref="InvalidDataException">The spool was damaged since the record was gathered.</exception>
    public Disclosure Make(GatheredRecord record, IEnumerable<string> recipient, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var ehr = EhrAddress.Of(record);
        var consents = RecordTraits.Consents(record);
        var scene = RecordTraits.Scene(record, ehr, recipient, at, consents.Count > 0);
        bool maybeMore = record.Gaps.Any(IsUnreadConsent);
        if (maybeMore && options.WhenUnread == ConsentsUnread.Hold)
        {
            return new Disclosure.Refused(
                ReasonCodes.ConsentUnclear, RecordTraits.Consent,
                "The EHR does not let the patient's Consents be read, so nobody knows what they deny. Have reading them granted, or say under Consent:WhenUnread that the default holds; then retry.");
        }

        var decision = new ConsentDecision(consents, scene, options, maybeMore);
        var own = RecordTraits.Of(record, options.Labels, decision.IsByDefault, cancellationToken);
        if (decision.LetsPlainGo && own.Count == 0) return AllPlain(record, decision, consents);

        var items = RecordTraits.Items(record, ehr, own);
        var order = RecordTraits.OrderOf(record);
        var rulings = items.Select(i => (Item: i, Ruling: decision.Rule(i))).ToDictionary(r => r.Item.Resource.Key);
        var links = LabelFlow.Links(items.Select(i => i.Resource), ehr, order, rulings.ContainsKey);
        var telling = new TellingReferences(record, ehr, [order, record.Patient], VisitsForReasonsAlone(rulings.Values, links, record, own, decision));
        do KeepTogether(rulings, links);
        while (telling.Keep(rulings));

        foreach (var key in new[] { order, record.Patient })
        {
            if (rulings.TryGetValue(key, out var must) && must.Ruling is { Reason: not null } no) return Refuse(must.Item, no);
        }

        KeepCompany(rulings, ehr);
        return Decide(record, decision, [.. rulings.Values], consents);
    }

    /// <summary>Nothing in it is special, and nobody said anything about it: nearly all records.</summary>
    private Disclosure.Decided AllPlain(GatheredRecord record, ConsentDecision decision, List<PatientConsent> consents)
    {
        var kept = consents.Count == 0 ? record : record.Keeping([.. record.Resources.Where(r => r.Key.Type != RecordTraits.Consent)]);
        var marks = HighWaterMark.Of([]);
        return new Disclosure.Decided(kept, [], marks, null, ConsentAccounting.Of(decision, [], consents, marks, options.Labels, part2: false, plain: kept.Resources.Count));
    }

    /// <summary>Visits that would go, were it not for the labels of what they were for. A drug's name may tell its reason where no list knows it; a visit's seldom does, and all results of that day bear it.</summary>
    private static HashSet<ResourceKey> VisitsForReasonsAlone(
        IReadOnlyCollection<(ConsentItem Item, Ruling Ruling)> rulings, IReadOnlyList<ConsentLink> links, GatheredRecord record, Dictionary<ResourceKey, ResourceTraits> own, ConsentDecision decision)
    {
        var withheld = rulings.Where(r => r.Ruling.Reason is not null && r.Item.Resource.Key.Type is "Encounter" or "EpisodeOfCare").Select(r => r.Item).ToList();
        if (withheld.Count == 0 || !links.Any(l => l.IsReason)) return [];
        var labels = RecordTraits.Labels(record, own);
        LabelFlow.Spread([.. links.Where(l => !l.IsReason)], labels);
        return [.. withheld.Where(i => decision.Rule(i with { Traits = i.Traits with { Labels = labels[i.Resource.Key] } }).Reason is null).Select(i => i.Resource.Key)];
    }

    private static ResourceKey OrderOf(GatheredRecord record) => new("ServiceRequest", record.Order.View.Id);

    /// <summary>Whether a gap hides a Consent that may count: one that nobody let us read, or that came and could not be understood. Of a search only that there is none of the kind hides nothing.</summary>
    private static bool IsUnreadConsent(GatheringGap gap)
        => FhirReference.Parse(gap.Reference) is { Type: RecordTraits.Consent } reference
            && gap.Reason is not (GapReason.NotOffered or GapReason.OtherPatient or GapReason.OtherVersion or GapReason.EnteredInError or GapReason.BadContent)
            && (reference.Key is null || gap.Reason is not (GapReason.NotFound or GapReason.Gone));

    /// <summary>What repeats what is denied, stays with it, and so does a file: a document without its file says that there is one; a file without its document is a leak.</summary>
    private static void KeepTogether(Dictionary<ResourceKey, (ConsentItem Item, Ruling Ruling)> rulings, IReadOnlyList<ConsentLink> links)
    {
        bool again = true;
        while (again)
        {
            again = false;
            foreach (var link in links)
            {
                var (to, from) = (rulings[link.To], rulings[link.From]);
                // Only a file goes with its document: a document whose file is withheld has the file's labels, and is judged by them.
                if (to.Ruling.Reason is null || from.Ruling.Reason is not null || link.IsReason || !(link.IsFile ? from.Item.Resource.Key.Type == "Binary" : to.Ruling.Denied)) continue;
                rulings[link.From] = (from.Item, With(to));
                again = true;
            }
        }
    }

    /// <summary>What only something that stays led to, stays with it: who made a result that is not there, and where, would tell what it was.</summary>
    private static void KeepCompany(Dictionary<ResourceKey, (ConsentItem Item, Ruling Ruling)> rulings, EhrAddress ehr)
    {
        if (!rulings.Values.Any(r => r.Ruling.Reason is not null)) return;
        var reached = rulings.Values.Where(r => r.Ruling.Reason is null && r.Item.Resource.Reasons.Any(why => why.From is null)).Select(r => r.Item.Resource.Key).ToHashSet();

        // Not every way is a reference: images may belong to a report that does not name them.
        var led = rulings.Values.SelectMany(r => r.Item.Resource.Reasons.Select(why => (why.From, r.Item.Resource.Key))).ToLookup(l => l.From, l => l.Key);
        var next = new Queue<ResourceKey>(reached);
        while (next.TryDequeue(out var key))
        {
            var references = rulings[key].Item.Resource.References.Where(r => r.Site != ReferenceSite.Narrative).Select(r => ehr.KeyOf(r.Text)).OfType<ResourceKey>();
            foreach (var to in references.Concat(led[key.ToString()]))
            {
                if (rulings.TryGetValue(to, out var there) && there.Ruling.Reason is null && reached.Add(to)) next.Enqueue(to);
            }
        }

        var alone = rulings.Where(r => r.Value.Ruling.Reason is null && !reached.Contains(r.Key)).Select(r => r.Key).ToList();
        while (alone.Count > 0)
        {
            var leading = alone.ToDictionary(key => key, key => Leading(rulings, key));
            foreach (var (key, from) in leading.Where(l => l.Value is not null)) rulings[key] = (rulings[key].Item, With(rulings[from!.Value]));
            if (alone.RemoveAll(key => leading[key] is not null) == 0) return;
        }
    }

    /// <summary>What stays and led to it.</summary>
    private static ResourceKey? Leading(Dictionary<ResourceKey, (ConsentItem Item, Ruling Ruling)> rulings, ResourceKey key)
        => rulings[key].Item.Resource.Reasons
            .Select(why => why.From is { } from ? FhirReference.Parse(from).Key : null)
            .OfType<ResourceKey>()
            .Where(from => rulings.TryGetValue(from, out var led) && led.Ruling.Reason is not null)
            .OrderBy(from => from.ToString(), StringComparer.Ordinal)
            .Select(from => (ResourceKey?)from)
            .FirstOrDefault();

    private static Ruling With((ConsentItem Item, Ruling Ruling) other) => other.Ruling.With(other.Item.Resource.Key);

    private Disclosure.Decided Decide(GatheredRecord record, ConsentDecision decision, List<(ConsentItem Item, Ruling Ruling)> rulings, List<PatientConsent> consents)
    {
        var carried = rulings.Where(r => r.Ruling.Reason is null).ToList();
        bool part2 = carried.Exists(r => r.Item.Traits.Labels.IsPart2);
        var copies = carried.Where(r => r.Item.Traits.Labels.IsPart2).Select(r => r.Ruling.Consent?.Reference).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var going = carried.Select(r => r.Item.Resource.Key).ToHashSet();

        // 42 CFR 2.32(b): a copy of the consent goes with what it lets pass. All other Consents stay, for they tell what is withheld.
        going.UnionWith(record.Resources.Select(r => r.Key).Where(k => k.Type == RecordTraits.Consent && copies.Contains(k.ToString())));
        var marks = HighWaterMark.Of(carried.Select(r => r.Item.Traits.Labels));
        var withheld = rulings.Where(r => r.Ruling.Reason is not null)
            .Select(r => new ManifestOmission(r.Item.Resource.Key.ToString(), r.Ruling.Reason!, r.Ruling.Rule))
            .OrderBy(o => o.Reference, StringComparer.Ordinal).ToList();
        var account = ConsentAccounting.Of(decision, rulings, consents, marks, options.Labels, part2);
        var kept = going.Count == record.Resources.Count ? record : record.Keeping([.. record.Resources.Where(r => going.Contains(r.Key))]);
        return new Disclosure.Decided(kept, withheld, marks, part2 ? options.Part2Notice : null, account);
    }

    private static Disclosure.Refused Refuse(ConsentItem item, Ruling ruling) => ruling switch
    {
        { Unclear: true } => new Disclosure.Refused(
            ReasonCodes.ConsentUnclear, item.Resource.Key.Type,
            "A consent of the patient may deny this disclosure and is not understood in every part. Look at it at the EHR, name its policy under Consent, or have it put in the shape of IHE PCF; then retry."),
        { Reason: WithheldReason.Consent } => new Disclosure.Refused(
            ReasonCodes.ConsentDenied, item.Resource.Key.Type, "The patient's consent does not let the order itself, or the patient's own data, go to this recipient. Nothing was sent."),
        _ => new Disclosure.Refused(
            ReasonCodes.ConsentMissing, item.Resource.Key.Type, "No consent of the patient permits this disclosure, and Consent:Default or a label does not let it go without. Have the consent recorded at the EHR, then retry."),
    };
}
