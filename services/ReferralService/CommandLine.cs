namespace ReferralService;

/// <summary>What the words after the program's name ask for: to start with settings, or to say something and end.</summary>
/// <param name="ExitCode">Null: the service starts.</param>
/// <param name="Text">To be said before it ends; help on standard output, the rest on standard error.</param>
internal sealed record CommandLine(int? ExitCode, string Text)
{
    public const string Help = """
        ReferralService: hears of a FHIR R4 ServiceRequest, gathers the record from the EHR, sends it to the consultant as a Bundle, and reports each step.

        Usage: dotnet run --project services/ReferralService -- [settings]
               (built or published: dotnet ReferralService.dll [settings])

          --Key:Sub value     a setting, e.g. --PublicUrl https://referrals.example.org --Bus:Transport RabbitMq
          --Key:Sub=value     the same; --Key:Sub= is an empty value. /Key:Sub value and Key:Sub=value are understood, too
          -h, --help          this text

        Settings are read from appsettings.json in the working directory, then from the environment with __ for the colon
        (Bus__Transport=RabbitMq), then from here; the later one counts. Without any it listens on http://127.0.0.1:8080, with SQLite under ./data
        and the bus in memory. Put secrets into the environment or a file: what is written here, everybody on the machine can see.

        Exit codes: 0 told to stop (or help); 1 a fault of the program; 2 settings or command line; 3 the ledger's database; 4 it cannot listen.

        README.md has examples, docs/interfaces.md every setting, docs/runbook.md what to do when something is wrong.
        """;

    private const int Longest = 40;

    private static readonly CommandLine Starts = new(null, "");

    public static CommandLine Read(IReadOnlyList<string> words)
    {
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            if (word is "-h" or "--help" or "-?" or "/?")
            {
                return new(0, Help);
            }

            int name = word.StartsWith("--", StringComparison.Ordinal) ? 2 : word.StartsWith('/') ? 1 : 0;
            int equals = word.IndexOf('=', StringComparison.Ordinal);
            if (equals > name && (name > 0 || word[0] != '-'))
            {
                continue;
            }

            if (name > 0 && word.Length > name && equals < 0)
            {
                // .NET takes whatever comes next for the value, another setting's name as well.
                if (i + 1 == words.Count || words[i + 1].StartsWith("--", StringComparison.Ordinal))
                {
                    return Wrong($"{Shown(word)} has no value; write {Shown(word)} VALUE, or {Shown(word)}= for an empty one.");
                }

                i++;
                continue;
            }

            return word == "doctor" ? Wrong("\"doctor\" is not built yet. GET /health/ready of the running service says what is wrong with it.") : Wrong($"\"{Shown(word)}\" is no word it knows.");
        }

        return Starts;
    }

    private static CommandLine Wrong(string what) => new(2, $"ReferralService does not start: {what} --help says what there is.");

    /// <summary>Somebody's paste may be long, or hold what a terminal obeys.</summary>
    private static string Shown(string word)
    {
        var shown = new string([.. word.Take(Longest).Select(c => char.IsControl(c) ? '?' : c)]);
        return word.Length > Longest ? shown + "…" : shown;
    }
}
