namespace ReferralService.RecipientDirectory;

internal static class RecipientDirectorySetup
{
    /// <summary>Reads section <c>Recipients</c>; names as everywhere <c>[a-z0-9-]{1,40}</c>.</summary>
    public static IServiceCollection AddRecipientDirectory(this IServiceCollection services, SettingsReader settings)
        => services
            .AddSingleton(ReadRecipients(settings))
            .AddSingleton<RecipientIndex>()
            .AddSingleton<RecipientConnections>()
            .AddSingleton<RecipientResolver>()
            .AddSingleton<TargetFinder>();

    public static RecipientRegistry ReadRecipients(SettingsReader settings)
    {
        var part = settings.Part("Recipients");
        var ehrs = settings.Names("Ehrs").Count;
        var recipients = new List<RecipientOptions>();
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in part.Names())
        {
            if (!RecipientOptions.IsName(name))
            {
                part.Fault(name, "is no usable name; use 1 to 40 of a-z, 0-9 and -");
            }

            var recipient = RecipientOptions.Read(part.Part(name), name, ehrs);
            if (recipient is null)
            {
                continue;
            }

            recipients.Add(recipient);
            for (var i = 0; i < recipient.Matches.Count; i++)
            {
                if (!owners.TryAdd(RecipientMatch.Key(recipient.Matches[i]), name) && owners[RecipientMatch.Key(recipient.Matches[i])] is var other && other != name)
                {
                    part.Fault($"{name}:Matches:{i}", $"also stands at recipient {other}; one match can mean one recipient only");
                }
            }
        }

        return new RecipientRegistry(recipients);
    }
}
