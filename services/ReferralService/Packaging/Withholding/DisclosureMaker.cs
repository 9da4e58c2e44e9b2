using ReferralService.Contracts;
using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering;

namespace ReferralService.Packaging.Withholding;

/// <summary>Sorts a gathered record into what goes and what stays, after everything has been followed: what a reference led to may be more sensitive than what led there.</summary>
internal sealed class DisclosureMaker(ConsentOptions options)
{
    private const string Consent = "Consent";

    /// <param name="recipient">All that means the recipient, as written: <c>Type/id</c>, absolute URLs, <c>system|value</c>.</param>
    /// <exception cref="InvalidDataException">The spool was damaged since the record was gathered.</exception>
    public Disclosure Make(GatheredRecord record, IEnumerable<string> recipient, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var ehr = EhrAddress.Of(record);
        var scene = new DisclosureScene(
            ehr, $"{record.EhrBase}/{record.Patient}", $"{record.EhrBase}/ServiceRequest/{record.Order.View.Id}", Recipient(record, ehr, recipient), at);
        var (items, consents) = Read(record, ehr, cancellationToken);
        bool maybeMore = record.Gaps.Any(g => g.Reference.StartsWith($"{Consent}?", StringComparison.Ordinal) && g.Reason != GapReason.NotOffered);
        if (maybeMore && options.WhenUnread == ConsentsUnread.Hold)
        {
            return new Disclosure.Refused(
                ReasonCodes.ConsentUnclear, Consent,
                "The EHR does not let the patient's Consents be read, so nobody knows what they deny. Have reading them granted, or say under Consent:WhenUnread that the default holds; then retry.");
        }

        var decision = new ConsentDecision(consents, scene, options, maybeMore);

        var rulings = items.Select(i => (Item: i, Ruling: decision.Rule(i))).ToDictionary(r => r.Item.Resource.Key);
        KeepFilesTogether(rulings, LabelFlow.Links(items.Select(i => i.Resource), ehr, rulings.ContainsKey));

        foreach (var key in new[] { new ResourceKey("ServiceRequest", record.Order.View.Id), record.Patient })
        {
            if (rulings.TryGetValue(key, out var must) && must.Ruling is { Reason: not null } no) return Refuse(must.Item, no);
        }

        return Decide(record, decision, [.. rulings.Values], consents);
    }

    private (List<ConsentItem> Items, List<PatientConsent> Consents) Read(GatheredRecord record, EhrAddress ehr, CancellationToken cancellationToken)
    {
        var bodies = new CarriedBodies(record);
        var traits = new Dictionary<ResourceKey, ResourceTraits>();
        var consents = new List<PatientConsent>();
        foreach (var resource in record.Resources)
        {
            cancellationToken.ThrowIfCancellationRequested();

            // Files are not looked into: neither codes nor labels stand in base64.
            var body = bodies.ReadThin(resource);
            traits.Add(resource.Key, ResourceTraits.Read(body.Span, options.Labels));
            if (resource.Key.Type == Consent) consents.Add(PatientConsent.Read(RawResource.Read(body), resource.Key.ToString(), resource.VersionId));
        }

        var labels = traits.ToDictionary(t => t.Key, t => t.Value.Labels);
        LabelFlow.Spread(LabelFlow.Links(record.Resources, ehr, labels.ContainsKey), labels);
        var items = record.Resources.Where(r => r.Key.Type != Consent)
            .Select(r => new ConsentItem(r, ReferenceEquals(labels[r.Key], traits[r.Key].Labels) ? traits[r.Key] : traits[r.Key] with { Labels = labels[r.Key] }));
        return ([.. items], consents);
    }

    /// <summary>A document without its file says that there is one; a file without its document is a leak.</summary>
    private static void KeepFilesTogether(Dictionary<ResourceKey, (ConsentItem Item, Ruling Ruling)> rulings, IReadOnlyList<ConsentLink> links)
    {
        bool again = true;
        while (again)
        {
            again = false;
            foreach (var link in links.Where(l => l.IsFile))
            {
                var (to, from) = (rulings[link.To], rulings[link.From]);
                // Only a file goes with its document: a document whose file is withheld has the file's labels, and is judged by them.
                if (to.Ruling.Reason is null || from.Ruling.Reason is not null || from.Item.Resource.Key.Type != "Binary") continue;
                rulings[link.From] = (from.Item, to.Ruling with { Rule = $"with {to.Item.Resource.Key}: {to.Ruling.Rule}" });
                again = true;
            }
        }
    }

    private Disclosure.Decided Decide(GatheredRecord record, ConsentDecision decision, List<(ConsentItem Item, Ruling Ruling)> rulings, List<PatientConsent> consents)
    {
        var carried = rulings.Where(r => r.Ruling.Reason is null).ToList();
        bool part2 = carried.Exists(r => r.Item.Traits.Labels.IsPart2);
        var copies = carried.Where(r => r.Item.Traits.Labels.IsPart2).Select(r => r.Ruling.Consent?.Reference).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var going = carried.Select(r => r.Item.Resource.Key).ToHashSet();

        // 42 CFR 2.32(b): a copy of the consent goes with what it lets pass. All other Consents stay, for they tell what is withheld.
        going.UnionWith(record.Resources.Select(r => r.Key).Where(k => k.Type == Consent && copies.Contains(k.ToString())));
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

    /// <summary>What the settings say means the recipient, and whom the order names: it is addressed to them.</summary>
    private static HashSet<string> Recipient(GatheredRecord record, EhrAddress ehr, IEnumerable<string> written)
    {
        var order = record.Resources.FirstOrDefault(r => r.Key.Type == "ServiceRequest" && r.Key.Id == record.Order.View.Id);
        var performers = order?.References.Where(r => r is { Site: ReferenceSite.Reference, Path: "performer" }).Select(r => r.Text) ?? [];
        return DisclosureScene.Keys(ehr, written.Concat(performers)).ToHashSet(StringComparer.Ordinal);
    }
}
