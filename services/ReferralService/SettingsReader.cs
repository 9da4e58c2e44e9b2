using System.Globalization;
using System.Net;

namespace ReferralService;

/// <summary>Reads one part of the configuration by hand-written rules, collecting every fault instead of stopping at the first.</summary>
/// <remarks>
/// A key that no rule asked for is a fault too (<see cref="Done"/>), so a misspelt setting stops the start instead of being ignored.
/// Values are never echoed: a fault names the key, what is wrong and the remedy.
/// </remarks>
internal sealed class SettingsReader
{
    private readonly IConfiguration _section;
    private readonly string _path;
    private readonly HashSet<string> _asked = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _lists = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _secrets = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<SettingsReader> _parts = [];

    public SettingsReader(IConfiguration root) : this(root, "", []) { }

    private SettingsReader(IConfiguration section, string path, List<string> faults) => (_section, _path, Faults) = (section, path, faults);

    /// <summary>Every fault so far, each one line that starts with its key.</summary>
    public List<string> Faults { get; }

    public void Fault(string key, string message) => Faults.Add($"{Full(key)}: {message}");

    /// <summary>The full key of every value that a rule asked for, the items of lists each by its own.</summary>
    public IEnumerable<string> Known()
        => _asked.Where(key => !_parts.Exists(part => part._path == Full(key)))
            .SelectMany(key => _lists.Contains(key) && _section.GetSection(key).GetChildren().ToList() is { Count: > 0 } items ? items.Select(item => $"{key}:{item.Key}") : [key]).Select(Full)
            .Concat(_parts.SelectMany(part => part.Known()));

    /// <summary>The full key of every value that was read as a secret.</summary>
    public IEnumerable<string> Secrets() => _secrets.Select(Full).Concat(_parts.SelectMany(part => part.Secrets()));

    /// <summary>A part below this one, e.g. <c>Ledger</c>. The same part may be read by one room only.</summary>
    public SettingsReader Part(string key)
    {
        _asked.Add(key);
        var part = new SettingsReader(_section.GetSection(key), Full(key), Faults);
        _parts.Add(part);
        if (!string.IsNullOrEmpty(_section[key]))
        {
            Fault(key, "is a section, not a value; give the settings below it, e.g. " + Full(key) + ":…");
        }

        return part;
    }

    /// <summary>The names below this part, e.g. those of the configured EHRs.</summary>
    public IReadOnlyList<string> Names() => [.. _section.GetChildren().Select(c => c.Key)];

    /// <summary>The names below a part that another room reads, e.g. the recipients a request may name.</summary>
    public IReadOnlyList<string> Names(string key) => [.. _section.GetSection(key).GetChildren().Select(c => c.Key)];

    /// <summary>A value that another room reads and checks, for a rule across rooms; it does not count as asked for.</summary>
    public string? Peek(string path) => _section[path];

    public bool Exists(string key) => _section.GetSection(key).Exists();

    /// <summary>Text, or null when absent or empty.</summary>
    public string? Text(string key)
    {
        _asked.Add(key);
        return string.IsNullOrEmpty(_section[key]) ? null : _section[key];
    }

    /// <summary>As <see cref="Text"/>, of a value that is never shown.</summary>
    public string? SecretText(string key)
    {
        _secrets.Add(key);
        return Text(key);
    }

    public bool Flag(string key, bool otherwise)
    {
        var text = Text(key);
        if (text is null)
        {
            return otherwise;
        }

        return bool.TryParse(text, out var value) ? value : Wrong(key, "must be true or false", otherwise);
    }

    public long Number(string key, long otherwise, long least, long most)
    {
        var text = Text(key);
        if (text is null)
        {
            return otherwise;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value
            : Wrong(key, $"must be a whole number from {least} to {most}", otherwise);
    }

    /// <summary>A time span as .NET writes it: <c>[d.]hh:mm:ss[.fff]</c>.</summary>
    public TimeSpan Span(string key, TimeSpan otherwise, TimeSpan least, TimeSpan most)
    {
        var text = Text(key);
        if (text is null)
        {
            return otherwise;
        }

        return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value
            : Wrong(key, $"must be a time span [d.]hh:mm:ss from {least:c} to {most:c}", otherwise);
    }

    public DateTimeOffset? Instant(string key)
    {
        var text = Text(key);
        if (text is null)
        {
            return null;
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var value)
            ? value
            : Wrong<DateTimeOffset?>(key, "must be an instant such as 2026-11-23T00:00:00Z", null);
    }

    public T Choice<T>(string key, T otherwise) where T : struct, Enum
    {
        var text = Text(key);
        if (text is null)
        {
            return otherwise;
        }

        return Enum.GetNames<T>().Contains(text, StringComparer.OrdinalIgnoreCase)
            ? Enum.Parse<T>(text, ignoreCase: true)
            : Wrong(key, $"must be one of {string.Join(", ", Enum.GetNames<T>())}", otherwise);
    }

    public IReadOnlyList<string> List(string key) => [.. Items(key).Select(i => i.Text)];

    /// <summary>The items of a list, each with its own key; one that is empty is a fault, since nobody can tell what was to stand there.</summary>
    public IReadOnlyList<(string Key, string Text)> Items(string key)
    {
        _asked.Add(key);
        _lists.Add(key);
        if (!string.IsNullOrEmpty(_section[key]))
        {
            Fault(key, "is a list; give its items by number, e.g. " + Full(key) + ":0");
        }

        var items = new List<(string, string)>();
        foreach (var item in _section.GetSection(key).GetChildren())
        {
            if (string.IsNullOrWhiteSpace(item.Value))
            {
                Fault($"{key}:{item.Key}", "is empty; give a value or take it out");
            }
            else
            {
                items.Add(($"{key}:{item.Key}", item.Value));
            }
        }

        return items;
    }

    /// <summary>An absolute address of a partner: https, or http to loopback, or http where <paramref name="allowHttp"/> says so; no user info, query or fragment.</summary>
    public Uri? PartnerAddress(string key, bool allowHttp)
    {
        var text = Text(key);
        if (text is null)
        {
            Fault(key, "is missing; give the FHIR base URL, e.g. https://ehr.example.org/fhir");
            return null;
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            return Wrong<Uri?>(key, "must be an absolute http or https URL", null);
        }

        if (uri.UserInfo.Length > 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            return Wrong<Uri?>(key, "must not carry user info, a query or a fragment", null);
        }

        if (Disguise(text, uri) is { } disguise)
        {
            return Wrong<Uri?>(key, disguise, null);
        }

        return uri.Scheme == "http" && !uri.IsLoopback && !allowHttp
            ? Wrong<Uri?>(key, "is http beyond loopback; use https, or set AllowHttp to true beside it if the network is yours", null)
            : uri;
    }

    /// <summary>A list of networks as <c>10.1.0.0/16</c>; the address, where it is given by number, must be one that a partner may have and lie in them.</summary>
    public IReadOnlyList<IPNetwork> Networks(string key, Uri? address, string addressKey)
    {
        var networks = new List<IPNetwork>();
        foreach (var (item, text) in Items(key))
        {
            if (IPNetwork.TryParse(text, out var network))
            {
                networks.Add(network);
            }
            else
            {
                Fault(item, "must be a network such as 10.1.0.0/16 or fd12:3456::/32, its host bits zero");
            }
        }

        if (address is not null && IPAddress.TryParse(address.Host, out var number) && new AddressRule(address.IsLoopback, networks).WhyNot(number) is { } why)
        {
            Fault(addressKey, why == "outside-networks" ? $"lies outside {Full(key)}" : $"is an address that no partner may have ({why})");
        }

        return networks;
    }

    /// <summary>Why an address, well formed, cannot be a partner's: it is not what it seems, or no partner ever has it; null when it can.</summary>
    public static string? WhyNoPartner(string text, Uri address) => Disguise(text, address)
        ?? (IPAddress.TryParse(address.Host, out var number) && new AddressRule(address.IsLoopback, []).WhyNot(number) is { } why ? $"is an address that no partner may have ({why})" : null);

    /// <summary>What reads as one host and means another: .NET's Uri would silently take it for the address it stands for.</summary>
    private static string? Disguise(string text, Uri uri)
    {
        if (text.Any(c => c is <= ' ' or > '~' or '\\'))
        {
            return "must be plain ASCII without spaces and backslashes; write an international host name in its xn-- form";
        }

        var authority = text.Split('/') is [_, "", var host, ..] ? host : "";
        if (authority.Length == 0 || authority.Contains('@') || authority.Contains('%'))
        {
            return "must be scheme://host[:port]/path, without user info or escapes in its host";
        }

        var number = uri.HostNameType is UriHostNameType.IPv4;
        return number && !(authority + ":").StartsWith(uri.Host + ":", StringComparison.Ordinal)
            ? "writes an IP address in an unusual form; write four decimal numbers with dots"
            : null;
    }

    /// <summary>
    /// To be called once, on the root, after every room has read its part: whatever nobody asked for is a fault. Of root keys no room has read those of
    /// the machine's environment (PATH) are left alone unless they look like a section of ours misspelt; a file or a command line is written for this
    /// program, so there only what .NET itself reads is.
    /// </summary>
    public void Done()
    {
        foreach (var unread in _section.GetChildren().Where(c => !_asked.Contains(c.Key) && !SettingSources.IsOfTheRuntime(c.Key)))
        {
            var meant = _parts.Select(p => p._path).FirstOrDefault(known => EditDistance.Between(known, unread.Key) is 1 or 2);
            if (meant is not null && unread.GetChildren().Any())
            {
                Fault(unread.Key, $"is no section; {meant} is meant, it seems");
            }
            else if (SettingSources.WrittenForUs(_section, unread.Key))
            {
                Fault(unread.Key, $"is no setting{(meant is null ? "" : $"; {meant} is meant, it seems")}; docs/interfaces.md lists them");
            }
        }

        foreach (var part in _parts)
        {
            part.CheckUnknown();
        }
    }

    private void CheckUnknown()
    {
        foreach (var child in _section.GetChildren().Where(c => !_asked.Contains(c.Key)))
        {
            Fault(child.Key, $"is no setting; known here: {string.Join(", ", _asked.Order(StringComparer.OrdinalIgnoreCase))}");
        }

        foreach (var part in _parts)
        {
            part.CheckUnknown();
        }
    }

    private T Wrong<T>(string key, string message, T otherwise)
    {
        Fault(key, message);
        return otherwise;
    }

    private string Full(string key) => _path.Length == 0 ? key : $"{_path}:{key}";
}
