using System.Net;
using System.Text.RegularExpressions;
using ReferralService.Intake;

namespace ReferralService.RecipientDirectory;

/// <summary>Which form of package a recipient gets; Message is refused at start until it is built.</summary>
internal enum RecipientForm { Auto, Document, Transaction, Collection }

/// <summary>One recipient: section <c>Recipients:{name}</c>.</summary>
internal sealed partial record RecipientOptions
{
    /// <summary>[a-z0-9-]{1,40}.</summary>
    public required string Name { get; init; }

    /// <summary>FHIR base URL; packages go there and nowhere else.</summary>
    public required Uri BaseUrl { get; init; }

    /// <summary>Networks its address must lie in; none: any that a partner may have.</summary>
    public IReadOnlyList<IPNetwork> Networks { get; init; } = [];

    /// <summary>References (<c>Organization/uro-east</c>, absolute URLs) and identifiers (<c>system|value</c>) that mean this recipient.</summary>
    public IReadOnlyList<string> Matches { get; init; } = [];
    public RecipientForm Form { get; init; } = RecipientForm.Auto;

    /// <summary>What makes a repetition harmless there; Auto: found out (<see cref="IdempotencyFinder"/>).</summary>
    public Idempotency Idempotency { get; init; } = Idempotency.Auto;

    /// <summary>Packages go there with <c>Content-Encoding: gzip</c>. No server says beforehand that it takes that; whoever runs it does.</summary>
    public bool Compress { get; init; }
    public PartnerAuth Auth { get; init; } = new();

    /// <summary>Reads one recipient; null when what is there cannot be used (its faults are in the reader).</summary>
    /// <param name="ehrs">How many EHRs are configured: a relative reference says nothing where there are several.</param>
    public static RecipientOptions? Read(SettingsReader recipient, string name, int ehrs)
    {
        var baseUrl = recipient.PartnerAddress("BaseUrl", recipient.Flag("AllowHttp", otherwise: false));
        var networks = recipient.Networks("Networks", baseUrl, "BaseUrl");
        var matches = recipient.Items("Matches");
        foreach (var (key, text) in matches)
        {
            if (RecipientMatch.Fault(text, ehrs) is { } fault)
            {
                recipient.Fault(key, fault);
            }
        }

        var form = RecipientForm.Auto;
        if (string.Equals(recipient.Text("Form"), "Message", StringComparison.OrdinalIgnoreCase))
        {
            recipient.Fault("Form", "Message is not built yet (not-built); use Auto, Document, Transaction or Collection");
        }
        else
        {
            form = recipient.Choice("Form", RecipientForm.Auto);
        }

        var idempotency = recipient.Choice("Idempotency", Idempotency.Auto);
        if (form == RecipientForm.Transaction && idempotency is Idempotency.PutId or Idempotency.IfNoneExist)
        {
            recipient.Fault("Idempotency", "PutId and IfNoneExist are for a Bundle that is stored whole, and Form is Transaction; use Auto, Probe, IdempotencyKey or None");
        }

        var compress = recipient.Flag("Compress", otherwise: false);
        var auth = PartnerAuth.Read(recipient);
        return baseUrl is null ? null : new RecipientOptions { Name = name, BaseUrl = baseUrl, Networks = networks, Matches = [.. matches.Select(m => m.Text)], Form = form, Idempotency = idempotency, Compress = compress, Auth = auth };
    }

    /// <summary>Whether a name can stand in routes, routing keys and logs.</summary>
    public static bool IsName(string name) => NameShape().IsMatch(name);

    [GeneratedRegex(@"\A[a-z0-9-]{1,40}\z")]
    private static partial Regex NameShape();
}

/// <summary>All configured recipients by name.</summary>
internal sealed class RecipientRegistry(IEnumerable<RecipientOptions> recipients)
{
    private readonly Dictionary<string, RecipientOptions> _recipients = recipients.ToDictionary(r => r.Name, StringComparer.Ordinal);

    public IReadOnlyCollection<RecipientOptions> All => _recipients.Values;

    public RecipientOptions? Find(string name) => _recipients.GetValueOrDefault(name);
}
