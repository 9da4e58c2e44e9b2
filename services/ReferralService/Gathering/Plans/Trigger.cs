using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering.Plans;

/// <summary>Where an order says what it is for.</summary>
internal enum OrderElement
{
    Category,
    Code,
    ReasonCode,

    /// <summary>The code of a Condition that reasonReference names.</summary>
    ReasonCondition,
    PerformerType,
}

/// <summary>What in an order makes a plan apply. Closed.</summary>
internal abstract record Trigger
{
    private Trigger() { }

    /// <summary>What matched, as <c>id &lt; ServiceRequest.reasonCode</c>; empty when it does not match.</summary>
    public abstract IReadOnlyList<string> Match(OrderFacts order);

    /// <summary>One of the codes or words in one of the elements.</summary>
    public sealed record Seen(string Id, IReadOnlyList<OrderElement> In, CodeSet Codes, WordSet Words) : Trigger
    {
        public override IReadOnlyList<string> Match(OrderFacts order)
            => [.. In.Where(e => order.At(e).Any(Matches)).Distinct().Order().Select(e => $"{Id} < {OrderFacts.Path(e)}")];

        private bool Matches(ConceptView concept)
            => Codes.Find(concept.Codings) is not null || (!Words.IsEmpty && Words.FoundIn(Texts(concept)));

        private static List<string> Texts(ConceptView concept) => [.. concept.Codings.Select(c => c.Display).Prepend(concept.Text).OfType<string>()];
    }

    /// <summary>One is enough; every one that matched is named.</summary>
    public sealed record Any(IReadOnlyList<Trigger> Of) : Trigger
    {
        public override IReadOnlyList<string> Match(OrderFacts order) => [.. Of.SelectMany(t => t.Match(order))];
    }

    public sealed record All(IReadOnlyList<Trigger> Of) : Trigger
    {
        public override IReadOnlyList<string> Match(OrderFacts order)
        {
            var matches = Of.Select(t => t.Match(order)).ToList();
            return matches.Any(m => m.Count == 0) ? [] : [.. matches.SelectMany(m => m)];
        }
    }
}
