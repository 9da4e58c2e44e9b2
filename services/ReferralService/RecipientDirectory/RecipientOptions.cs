using ReferralService.Intake;

namespace ReferralService.RecipientDirectory;

/// <summary>Which form of package a recipient gets; Message is refused at start until it is built.</summary>
internal enum RecipientForm { Auto, Document, Transaction, Collection }

/// <summary>One recipient: section <c>Recipients:{name}</c>.</summary>
internal sealed record RecipientOptions
{
    /// <summary>[a-z0-9-]{1,40}.</summary>
    public required string Name { get; init; }
    public required Uri BaseUrl { get; init; }

    /// <summary>References (<c>Organization/uro-east</c>, absolute URLs) and identifiers (<c>system|value</c>) that mean this recipient.</summary>
    public IReadOnlyList<string> Matches { get; init; } = [];
    public RecipientForm Form { get; init; } = RecipientForm.Auto;
    public PartnerAuth Auth { get; init; } = new();
}

/// <summary>All configured recipients by name.</summary>
internal sealed class RecipientRegistry(IEnumerable<RecipientOptions> recipients)
{
    private readonly Dictionary<string, RecipientOptions> _recipients = recipients.ToDictionary(r => r.Name, StringComparer.Ordinal);

    public IReadOnlyCollection<RecipientOptions> All => _recipients.Values;

    public RecipientOptions? Find(string name) => _recipients.GetValueOrDefault(name);
}
