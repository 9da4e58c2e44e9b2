using System.Globalization;
using ReferralService.Benchmarks.Report;
using ReferralService.Benchmarks.Walk;

namespace ReferralService.Benchmarks;

/// <summary>The command line: names of figures (none: all) and how they are measured.</summary>
internal sealed record Choices
{
    public static string Words => $"Words: {string.Join(' ', Figures)}; --quick, --write FILE, --rounds N, --referrals N, --warm SECONDS, --in-flight N[,N…], --ledger Sqlite|PostgreSql, --bus InMemory|RabbitMq, --replicas N.";

    /// <summary>On the shared stage; the last leaves work behind that goes on.</summary>
    private static readonly string[] OnStage = ["walk", "latency", "size", "fidelity", "intake", "isolation"];

    /// <summary>No goal hangs on these; a quick run leaves them out unless they are named.</summary>
    public static IReadOnlyList<string> LongOnly { get; } = ["rooms", "relevance", "vault", "ops"];

    /// <summary>It measures nothing, and has a page of its own: only when it is named.</summary>
    public const string Reckoned = "queueing";

    /// <summary>All names, in the order in which they are found.</summary>
    public static IReadOnlyList<string> Figures { get; } = ["micro", .. OnStage, "backlog", "store", "relay", Reckoned, .. LongOnly];

    public IReadOnlyList<string> Names { get; private init; } = [];

    /// <summary>Fewer rounds and smaller piles; every goal's figure all the same.</summary>
    public bool Quick { get; private init; }

    /// <summary>A document whose marked part is replaced by the tables.</summary>
    public string? WriteTo { get; private init; }

    public int Rounds { get; private init; } = 5;

    /// <summary>In each round of a walk.</summary>
    public int Referrals { get; private init; } = 200;

    /// <summary>Before any figure of a walk counts: the compiler optimizes what runs often only after some while.</summary>
    public TimeSpan Warm { get; private init; } = TimeSpan.FromSeconds(20);

    /// <summary>Null: each figure's own.</summary>
    public IReadOnlyList<int>? InFlight { get; private init; }

    /// <summary>The one combination to walk on; null: each figure's own.</summary>
    public Setup? Setup { get; private init; }

    /// <exception cref="ArgumentException">What cannot be understood.</exception>
    public static Choices Read(IReadOnlyList<string> args)
    {
        var choices = args.Contains("--quick") ? new Choices { Quick = true, Rounds = 3, Referrals = 60, Warm = TimeSpan.FromSeconds(15) } : new Choices();
        var names = new List<string>();
        for (int i = 0; i < args.Count; i++)
        {
            choices = args[i] switch
            {
                "--quick" => choices,
                "--write" => choices with { WriteTo = Value() },
                "--rounds" => choices with { Rounds = Number(Value()) },
                "--referrals" => choices with { Referrals = Number(Value()) },
                "--warm" => choices with { Warm = TimeSpan.FromSeconds(Number(Value(), least: 0)) },
                "--in-flight" => choices with { InFlight = [.. Value().Split(',').Select(part => Number(part))] },
                "--ledger" => choices with { Setup = (choices.Setup ?? Setup.Usual) with { Ledger = Kind<LedgerKind>(Value()) } },
                "--bus" => choices with { Setup = (choices.Setup ?? Setup.Usual) with { Bus = Kind<BusKind>(Value()) } },
                "--replicas" => choices with { Setup = (choices.Setup ?? Setup.Usual) with { Replicas = Number(Value()) } },
                ['-', ..] => throw new ArgumentException($"What is {args[i]}?"),
                _ => Named(choices),
            };

            string Value() => ++i < args.Count ? args[i] : throw new ArgumentException($"{args[i - 1]} needs a value.");

            int Number(string text, int least = 1) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least
                ? number
                : throw new ArgumentException($"{args[i - 1]} {args[i]}: that is no number from {least} on.");

            TKind Kind<TKind>(string text)
                where TKind : struct, Enum
                => Enum.GetNames<TKind>().FirstOrDefault(name => name.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } known
                    ? Enum.Parse<TKind>(known)
                    : throw new ArgumentException($"{args[i - 1]} is one of {string.Join(", ", Enum.GetNames<TKind>())}, not {text}.");

            Choices Named(Choices until)
            {
                if (!Figures.Contains(args[i])) throw new ArgumentException($"There is no figure {args[i]}.");
                names.Add(args[i]);
                return until;
            }
        }

        if (choices.Setup is { Ledger: LedgerKind.Sqlite, Replicas: > 1 }) throw new ArgumentException("--replicas: a ledger on SQLite is one process's; say --ledger PostgreSql.");
        if (choices.WriteTo is { } file) MarkedPart.Check(file);
        return choices with { Names = names };
    }
}
