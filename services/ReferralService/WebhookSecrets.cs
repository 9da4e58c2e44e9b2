namespace ReferralService;

/// <summary>Secrets of a webhook as Standard Webhooks writes them: <c>whsec_</c> and 24 to 64 bytes in base64. Never echoed.</summary>
internal static class WebhookSecrets
{
    private const string Prefix = "whsec_";
    private const int Fewest = 24;
    private const int Most = 64;

    /// <summary>Those of <c>Secret</c> (several apart by a space) or of the file in <c>SecretFile</c> (one a line); none where there is a fault.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Read(SettingsReader webhook)
    {
        var (text, file) = (webhook.SecretText("Secret"), webhook.Text("SecretFile"));
        if ((text is null) == (file is null))
        {
            webhook.Fault("Secret", text is null
                ? "is missing; give whsec_ and 24 to 64 random bytes in base64 (echo whsec_$(openssl rand -base64 32)), or a file with it as SecretFile"
                : "stands beside SecretFile; give one of the two");
            return [];
        }

        return text is not null ? Parse(webhook, "Secret", text) : ReadFile(webhook, file!);
    }

    private static List<ReadOnlyMemory<byte>> ReadFile(SettingsReader webhook, string file)
    {
        try
        {
            return Parse(webhook, "SecretFile", File.ReadAllText(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            webhook.Fault("SecretFile", "cannot be read: see that the file is there and readable to this account");
            return [];
        }
    }

    private static List<ReadOnlyMemory<byte>> Parse(SettingsReader webhook, string key, string text)
    {
        var secrets = new List<ReadOnlyMemory<byte>>();
        foreach (var word in text.Split([' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            var bytes = new byte[Most + 3];
            if (!word.StartsWith(Prefix, StringComparison.Ordinal) || !Convert.TryFromBase64String(word[Prefix.Length..], bytes, out var length) || length is < Fewest or > Most)
            {
                webhook.Fault(key, $"must be whsec_ and {Fewest} to {Most} bytes in base64, e.g. of echo whsec_$(openssl rand -base64 32); several apart by a space or a line");
                return [];
            }

            secrets.Add(bytes.AsMemory(0, length));
        }

        if (secrets.Count == 0)
        {
            webhook.Fault(key, "holds no secret");
        }

        return secrets;
    }
}
