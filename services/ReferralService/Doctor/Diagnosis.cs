using ReferralService.Gathering;
using ReferralService.Gathering.Plans;
using ReferralService.Intake;
using ReferralService.Intake.Access.Oidc;
using ReferralService.Intake.Settings;
using ReferralService.Ledger;
using ReferralService.Ops;
using ReferralService.Ops.Health.Checks;
using ReferralService.RecipientDirectory;
using ReferralService.Status;

namespace ReferralService.Doctor;

/// <summary>Looks at everything that the settings name, side by side: settings, database, vault, folders, broker, each EHR and recipient, our own address. Nothing is started, and nothing anywhere is changed.</summary>
internal sealed class Diagnosis(SettingsReader settings, SettingSources sources, BusOptions bus, IServiceProvider rooms, string? urls)
{
    private static readonly IReadOnlyDictionary<string, string> Nothing = new Dictionary<string, string>();

    private readonly TimeProvider _clock = rooms.GetRequiredService<TimeProvider>();
    private readonly LedgerOptions _ledger = rooms.GetRequiredService<LedgerOptions>();

    /// <summary>Whether the service answers where these settings let it listen; after <see cref="RunAsync"/>.</summary>
    public bool ServiceRuns { get; private set; }

    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellationToken)
    {
        var condition = new TaskCompletionSource<LedgerCondition?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var readable = LedgerInspection.OpenToRead(_ledger, _clock, rooms.GetRequiredService<ILoggerFactory>());
        var ledger = Task.Run(async () => await condition.Task is { Readable: true } ? readable : null, CancellationToken.None);
        var address = new AddressLook(_clock);
        var runs = Task.Run(() => RunsAsync(address, cancellationToken), CancellationToken.None);

        var all = new List<Examination>
        {
            new(new("settings", "all"), (found, _) => Said(() => SettingsLook.Tell(found, settings, sources))),
            new(new("database", _ledger.Provider.ToString().ToLowerInvariant()), (found, token) => DatabaseAsync(found, condition, token)),
            new(new("vault", "keys"), async (found, token) => await VaultLook.LookAsync(found, _ledger, await ledger.WaitAsync(token) is { } open ? new VaultKeyCheck(open, new PackageVault(open, _ledger.Keys), _ledger) : null, token)),
            new(new("files", "folders"), (found, _) => Said(() => Folders(found))),
        };
        if (bus.Transport == BusTransport.RabbitMq && !IsAtFault("Bus"))
        {
            all.Add(new(new("broker", "rabbitmq"), async (found, token) => BrokerLook.Tell(found, await new BrokerInspection(bus, _clock).LookAsync(token))));
        }

        all.AddRange(Partners(ledger));
        all.AddRange((rooms.GetService<IReadOnlyList<WebhookOptions>>() ?? []).Select(webhook => new Examination(new("webhook", webhook.Name), (found, token) => OutsideLook.WebhookAsync(found, webhook, token))));
        if (rooms.GetService<OidcOptions>() is not null)
        {
            var provider = rooms.GetRequiredService<IdentityProvider>();
            all.Add(new(new("sign-in", "provider"), (found, token) => OutsideLook.ProviderAsync(found, provider, token)));
        }

        if (rooms.GetRequiredService<PublicAddress>().Url is { } url && rooms.GetRequiredService<EhrRegistry>().All.Any(ehr => ehr.Subscribe != SubscribeMode.Off))
        {
            all.Add(new(new("address", "PublicUrl"), (found, token) => address.TellAsync(found, url, runs, token)));
        }

        await Task.WhenAll(all.Select(one => one.RunAsync(_clock, cancellationToken)));
        ServiceRuns = await runs is true;
        return [.. all.SelectMany(one => one.Findings.All)];
    }

    private async Task DatabaseAsync(Findings found, TaskCompletionSource<LedgerCondition?> condition, CancellationToken token)
    {
        try
        {
            if (IsAtFault("Ledger"))
            {
                found.Warn("settings", "not looked at: its settings are at fault", "mend them first");
                return;
            }

            var seen = await LedgerInspection.LookAsync(_ledger, _clock, token);
            condition.TrySetResult(seen);
            LedgerLook.Tell(found, _ledger, seen);
        }
        finally
        {
            // Whoever waits to read it goes on without.
            condition.TrySetResult(null);
        }
    }

    private void Folders(Findings found)
    {
        var gathering = rooms.GetRequiredService<GatheringOptions>();
        FolderLook.TellWritten(found, "Gathering:SpoolFolder", gathering.SpoolFolder, Guid.CreateVersion7(_clock.GetUtcNow()));
        foreach (var volume in new Volumes(_ledger, gathering).Look())
        {
            found.Add(DiskCheck.Of(volume, took: 0), $"{volume.FreeBytes / 1_000_000_000} GB are free where the {volume.Name} is");
        }

        var plans = rooms.GetRequiredService<PlanBook>();
        found.Pass($"{plans.StillShipped.Count} shipped record plans and {plans.Own.Count} of your own are in force");
    }

    private IEnumerable<Examination> Partners(Task<LedgerDatabase?> ledger)
    {
        foreach (var ehr in rooms.GetRequiredService<EhrRegistry>().All.OrderBy(ehr => ehr.Name, StringComparer.Ordinal))
        {
            var look = ActivatorUtilities.CreateInstance<EhrLook>(rooms, ehr);
            yield return new(new("ehr", ehr.Name), async (found, token) =>
            {
                await Task.WhenAll(look.LookAsync(found, token), SubscriptionAsync(found, ehr, token));
            });
        }

        foreach (var recipient in rooms.GetRequiredService<RecipientRegistry>().All.OrderBy(recipient => recipient.Name, StringComparer.Ordinal))
        {
            var look = ActivatorUtilities.CreateInstance<RecipientLook>(rooms, recipient);
            yield return new(new("recipient", recipient.Name), async (found, token) => await look.LookAsync(found, await FactsAsync(recipient, token), token));
        }

        async Task SubscriptionAsync(Findings found, EhrOptions ehr, CancellationToken token)
        {
            if (ehr.Subscribe == SubscribeMode.Off || await ledger.WaitAsync(token) is not { } open) return;
            var work = new WorkSignals();
            SubscriptionLook.Tell(found, ehr, await new SubscriptionBook(open, new NoticeBook(open, work), work).FindAsync(ehr.Name, token));
        }

        async Task<IReadOnlyDictionary<string, string>> FactsAsync(RecipientOptions recipient, CancellationToken token)
        {
            try
            {
                return await ledger.WaitAsync(token) is { } open ? await new PartnerMemory(open).RecallAsync(RecipientFacts.Partner(recipient.Name), token) : Nothing;
            }
            catch (LedgerUnavailableException)
            {
                return Nothing;
            }
        }
    }

    private async Task<bool?> RunsAsync(AddressLook address, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(Examination.Ceiling, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            return Uri.TryCreate(urls, UriKind.Absolute, out var own) ? await address.IsUsAsync(own, either.Token) : null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private bool IsAtFault(string section) => settings.Faults.Exists(fault => fault.StartsWith($"{section}:", StringComparison.OrdinalIgnoreCase));

    private static Task Said(Action tell)
    {
        tell();
        return Task.CompletedTask;
    }
}
