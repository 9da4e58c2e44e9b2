using System.Text.RegularExpressions;

namespace ReferralService.Tests.Architecture;

/// <summary>One source file of the host: its room (null at the root), and what it names.</summary>
internal sealed partial record RoomSource(string File, string? Room, string Text)
{
    /// <summary>Rooms and own projects named by a using or a qualified name.</summary>
    public IEnumerable<string> Names() => Named().Matches(Text).Select(m => m.Groups[1].Value).Distinct();

    [GeneratedRegex(@"\bReferralService\.([A-Z][A-Za-z]+)")]
    private static partial Regex Named();
}

/// <summary>Which way calls go inside the host (docs/flow.md). Pure: sources in, violations out.</summary>
internal static class RoomRules
{
    /// <summary>What each room may name beside itself: Fhir, Contracts, the ledger, and the steps before it.</summary>
    private static readonly Dictionary<string, string[]> Before = new()
    {
        ["Ledger"] = [],
        ["Intake"] = ["Ledger"],
        ["Gathering"] = ["Ledger", "Intake"],
        ["RecipientDirectory"] = ["Ledger", "Intake", "Gathering"],
        ["Packaging"] = ["Ledger", "Gathering"],
        ["Delivery"] = ["Ledger", "RecipientDirectory"],
        // Gathering: a webhook's receiver is reached by the rules that hold for every partner (PartnerHttp, EgressGuard).
        ["Status"] = ["Ledger", "Gathering"],
        ["Ops"] = ["Ledger", "Intake", "Gathering", "RecipientDirectory", "Status"],
        ["Doctor"] = ["Ledger", "Intake", "Gathering", "RecipientDirectory", "Packaging", "Delivery", "Status", "Ops"],
        ["Terminal"] = ["Doctor"],
        ["Flow"] = ["Ledger", "Intake", "Gathering", "RecipientDirectory", "Packaging", "Delivery"],
    };

    private static readonly string[] ForAll = ["Fhir", "Contracts"];

    /// <summary>What a line of code may touch: a namespace or type, and the only rooms ("" = the root) that may name it.</summary>
    private static readonly (string Name, string Pattern, string[] Rooms)[] Touches =
    [
        ("MassTransit", @"\busing MassTransit\b", ["Flow"]),
        ("RabbitMQ.Client", @"\busing RabbitMQ\.", ["Status", "Intake", ""]),
        ("SQL", @"\busing (Dapper|Npgsql|Microsoft\.Data\.Sqlite|SQLitePCL)\b", ["Ledger"]),
        // Gathering opens the connections to partners, with all that guards them; Terminal is a client of our own API and knows no partner.
        ("HttpClient", @"\bnew (HttpClient|SocketsHttpHandler)\b", ["Gathering", "Terminal"]),
        ("System.CommandLine", @"\busing System\.CommandLine\b", ["Terminal"]),
        ("the configuration", @"\bIConfiguration\b", [""]),
        ("the system's clock", @"\bTimeProvider\.System\b", [""]),
    ];

    public static IReadOnlyList<string> Violations(IEnumerable<RoomSource> sources) => [.. sources.SelectMany(Violations)];

    private static IEnumerable<string> Violations(RoomSource source)
    {
        if (source.Room is { } room)
        {
            if (!Before.TryGetValue(room, out var allowed))
            {
                yield return $"{source.File}: {room} is no room of the house";
                yield break;
            }

            foreach (var name in source.Names().Where(n => Before.ContainsKey(n) && n != room && !allowed.Contains(n)))
            {
                yield return $"{source.File}: {room} names {name}";
            }

            foreach (var name in source.Names().Where(n => n is "Sandbox" or "Tests" or "AcceptanceTests" or "Benchmarks"))
            {
                yield return $"{source.File}: the host names {name}";
            }
        }

        foreach (var (name, pattern, rooms) in Touches)
        {
            if (!rooms.Contains(source.Room ?? "") && Regex.IsMatch(source.Text, pattern))
            {
                yield return $"{source.File}: {source.Room ?? "the root"} touches {name}";
            }
        }
    }
}
