using System.Security.Cryptography;
using System.Text;
using ReferralService.Intake.Settings;

namespace ReferralService.Intake.Access;

/// <summary>What a caller of the API may do; each role may do what the lesser ones may.</summary>
internal enum ApiRole
{
    /// <summary>Lists, details, metrics.</summary>
    Viewer = 1,

    /// <summary>Submit, retry, cancel, pause.</summary>
    Operator = 2,

    /// <summary>Whatever shows the record itself.</summary>
    Privacy = 3,
}

/// <summary>One entry of <c>Api:Keys</c>. The name may be logged, the secret never.</summary>
internal sealed record ApiKey(string Name, string Secret, ApiRole Role)
{
    /// <summary>By what a session knows that its key is the same still: other when the secret or the role is. Nobody comes back from it to the secret.</summary>
    public string Stamp { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"referral-service session\n{Name}\n{Role}\n{Secret}")));

    public override string ToString() => Name;
}

/// <summary>All configured keys; with none, only this machine is let in.</summary>
internal sealed class ApiKeys(IEnumerable<ApiKey> keys)
{
    private readonly (byte[] Digest, ApiKey Key)[] _keys = [.. keys.Select(k => (Digest(k.Secret), k))];

    public bool Any => _keys.Length > 0;

    /// <summary>The key with this secret, or null. Takes the same time whatever is wrong about it.</summary>
    public ApiKey? Find(string secret)
    {
        var digest = Digest(secret);
        ApiKey? found = null;
        foreach (var (known, key) in _keys)
        {
            if (CryptographicOperations.FixedTimeEquals(digest, known)) found = key;
        }

        return found;
    }

    public ApiKey? Named(string name)
    {
        foreach (var (_, key) in _keys)
        {
            if (key.Name == name) return key;
        }

        return null;
    }

    /// <param name="api">Section <c>Api</c>.</param>
    public static ApiKeys Read(SettingsReader api)
    {
        var section = api.Part("Keys");
        var keys = new List<ApiKey>();
        foreach (var name in section.Names())
        {
            var part = section.Part(name);
            var secret = part.SecretText("Secret");
            var role = part.Choice<ApiRole>("Role", 0);
            if (secret is null) part.Fault("Secret", "is missing; give a long random text");
            else if (SecretText.Check(part, "Secret", secret) && keys.Exists(k => k.Secret == secret)) part.Fault("Secret", "is another key's too; each key has its own");
            if (part.Text("Role") is null) part.Fault("Role", "is missing; one of Viewer, Operator, Privacy");
            if (secret is not null) keys.Add(new ApiKey(name, secret, role));
        }

        return new ApiKeys(keys);
    }

    private static byte[] Digest(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
