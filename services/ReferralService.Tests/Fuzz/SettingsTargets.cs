using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using ReferralService.Delivery;
using ReferralService.Flow;
using ReferralService.Gathering;
using ReferralService.Intake;
using ReferralService.Ledger;
using ReferralService.Ops;
using ReferralService.Packaging;
using ReferralService.RecipientDirectory;
using ReferralService.Status;

namespace ReferralService.Tests.Fuzz;

/// <summary>The readers of what an operator writes.</summary>
internal static class SettingsTargets
{
    private const string Canary = "canary7f3";

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("the settings' reader", 1, _ => Corpus.Settings, ReadSettings),
        new("the criteria's reader", 1, _ => Corpus.Criteria, ReadCriteria),
    ];

    private static bool ReadSettings(byte[] bytes)
    {
        var lines = FhirTargets.Text(bytes).Split('\n').Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2).ToList();
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var pair in lines) values[pair[0]] = pair[1];

        var settings = new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
        var bus = BusOptions.Read(settings);
        new ServiceCollection()
            .AddLedger(settings, bus).AddIntake(settings, bus).AddGathering(settings).AddRecipientDirectory(settings).AddPackaging(settings)
            .AddDelivery(settings).AddStatus(settings, bus, WebhookOptions.Read(settings)).AddOps(settings).AddFlow(settings, bus);
        settings.Done();

        // A key is named in its fault, and a mutation may have made a key of a secret.
        bool keyed = values.Keys.Any(key => key.Contains("canary", StringComparison.OrdinalIgnoreCase));
        FhirTargets.Require(keyed || !settings.Faults.Any(fault => fault.Contains(Canary, StringComparison.Ordinal)), "No value is told in a fault.");
        return settings.Faults.Count == 0;
    }

    private static bool ReadCriteria(byte[] bytes)
    {
        try
        {
            OrderCriteria.Parse(FhirTargets.Text(bytes));
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
