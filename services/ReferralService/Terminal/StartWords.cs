namespace ReferralService.Terminal;

/// <summary>What the words after the program's name ask for: to start with settings, a verb, or to say something and end.</summary>
/// <remarks>Read by hand: .NET takes settings in forms that no option parser knows, and a plain start is not to wait for one to be loaded.</remarks>
/// <param name="ExitCode">Null: the service starts, or the verb is carried out.</param>
/// <param name="Text">To be said before it ends; help on standard output, the rest on standard error.</param>
internal sealed record StartWords(int? ExitCode, string Text)
{
    public const string Help = """
        ReferralService: hears of a FHIR R4 ServiceRequest, gathers the record from the EHR, sends it to the consultant as a Bundle, and reports each step.

        Usage: dotnet run --project services/ReferralService -- [settings]           start the service
               dotnet run --project services/ReferralService -- VERB [options]       ask, or ask a running one
               (built or published: dotnet ReferralService.dll …)

        Settings:
          --Key:Sub value     a setting, e.g. --PublicUrl https://referrals.example.org --Bus:Transport RabbitMq
          --Key:Sub=value     the same; --Key:Sub= is an empty value. /Key:Sub value and Key:Sub=value are understood, too
          -h, --help          this text

        Settings are read from appsettings.json in the working directory, then from the environment with __ for the colon
        (Bus__Transport=RabbitMq), then from here; the later one counts. Without any it listens on http://127.0.0.1:8080, with SQLite under ./data
        and the bus in memory. Secrets: files named like their settings (Bus__RabbitMq) in the folder that SecretsFolder names, which count before
        all else, or the environment; what is written here, everybody on the machine can see.

        Verbs (VERB --help says more):
          doctor              looks at settings, database, broker and every partner, changes nothing, says what is wrong and how to mend it
          config explain      every setting in force, and where it comes from
          list                the referrals, newest first              show ID        one with its timeline
          watch [ID]          follows one, or all, until they rest     export         all as NDJSON
          preview ORDER       what would be sent; nothing is           submit ORDER   makes a referral of an order
          retry ID            cancel ID
          pause PARTNER       resume PARTNER                 health         whether it is ready
        All but doctor and config talk to a running service: --url, else REFERRAL_SERVICE_URL, else urls of the settings, else http://127.0.0.1:8080;
        with the key of REFERRAL_SERVICE_KEY or --key-file.

        Exit codes: 0 told to stop, or done; 1 a fault of the program, or doctor found something unusable; 2 settings or command line;
        3 the ledger's database; 4 it cannot listen. Of verbs also: 5 the service is not reached; 6 it refuses the key; 7 not found;
        8 the state does not allow it; 9 not now, try again; of watch 10, 11, 12: failed, held, cancelled; 130 Ctrl+C.

        README.md has examples, docs/interfaces.md every setting, docs/runbook.md what to do when something is wrong.
        """;

    private const int Longest = 40;

    private static readonly StartWords Starts = new(null, "");

    /// <summary>The first word is one of these: the terminal takes it from there.</summary>
    public static readonly IReadOnlyList<string> Verbs = ["doctor", "config", "list", "show", "watch", "preview", "submit", "retry", "cancel", "pause", "resume", "export", "health"];

    public static bool AsksForVerb(IReadOnlyList<string> words) => words.Count > 0 && Verbs.Contains(words[0]);

    public static StartWords Read(IReadOnlyList<string> words)
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

            return Wrong(Verbs.Contains(word)
                ? $"\"{word}\" is a verb and must be the first word."
                : $"\"{Shown(word)}\" is no word it knows.");
        }

        return Starts;
    }

    private static StartWords Wrong(string what) => new(ExitCodes.Misused, $"ReferralService does not start: {what} --help says what there is.");

    /// <summary>Somebody's paste may be long, or hold what a terminal obeys.</summary>
    private static string Shown(string word) => PlainText.Of(word, Longest);
}
