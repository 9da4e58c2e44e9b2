using System.CommandLine;
using System.Text.Json;
using ReferralService.Doctor;

namespace ReferralService.Terminal;

/// <summary>doctor, and config explain: the settings as a start with the same words would read them, and all that they name.</summary>
internal static class DoctorVerb
{
    /// <summary>What its help promises.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    public static Command Of(VerbRun run)
    {
        var explain = new Option<bool>("--explain") { Description = "every setting in force first, and where it comes from" };
        var doctor = new Command(
            "doctor",
            "Looks at settings, database, vault, broker, each EHR and recipient, side by side, in at most ten seconds; starts nothing and changes nothing, and works beside a running service. "
            + "Takes settings as a start does. Exit code 0: nothing is unusable; 1: something is; 2: the settings are refused.")
        { explain };
        run.AddTo(doctor);
        doctor.TreatUnmatchedTokensAsErrors = false;
        doctor.SetAction((parsed, cancelled) => run.GuardedAsync(parsed, (where, json) => ExamineAsync(run.Screen, Settings(parsed, doctor), parsed.GetValue(explain), where, json, cancelled)));
        return doctor;
    }

    public static Command Config(VerbRun run)
    {
        var explain = new Command("explain", "Every setting in force, and where it comes from: file, environment, command line or default. Secrets are hidden. Takes settings as a start does.");
        run.AddJsonTo(explain);
        explain.TreatUnmatchedTokensAsErrors = false;
        explain.SetAction((parsed, _) => run.GuardedAsync(parsed, async (_, json) =>
        {
            await using var host = DoctorHost.Open(Settings(parsed, explain), run.Screen.Clock);
            if (json) await run.Screen.Output.WriteLineAsync(JsonSerializer.Serialize(host.Explain(), TerminalJson.Default.IReadOnlyListExplainedSetting));
            else await WriteSettingsAsync(host.Explain(), run.Screen);
            return host.SettingsAreAtFault ? ExitCodes.Misused : ExitCodes.Done;
        }));
        return new Command("config", "The settings.") { explain };
    }

    private static async Task<int> ExamineAsync(Screen screen, string[] settings, bool explain, Func<Screen, ServiceAddress> where, bool json, CancellationToken cancelled)
    {
        var began = screen.Clock.GetTimestamp();
        await using var host = DoctorHost.Open(settings, screen.Clock);
        var address = where(screen with { ConfiguredUrls = () => host.Urls });
        var diagnosis = host.Examine(address.Url.AbsoluteUri);
        var findings = (await diagnosis.RunAsync(cancelled)).ToList();
        if (diagnosis.ServiceRuns)
        {
            var service = new Findings("service", address.Url.Authority);
            using var link = new ServiceLink(address, screen.Clock);
            await ServiceDetail.TellAsync(service, link, address.Key is not null, Left(screen.Clock.GetElapsedTime(began)), cancelled);
            findings.AddRange(service.All);
        }

        var code = host.SettingsAreAtFault ? ExitCodes.Misused : findings.Exists(finding => finding.Standing == Standing.Fail) ? ExitCodes.Failed : ExitCodes.Done;
        try
        {
            if (json) await screen.Output.WriteLineAsync(JsonSerializer.Serialize(DoctorReport.Of(findings, explain ? host.Explain() : null), TerminalJson.Default.DoctorReport));
            else
            {
                if (explain) await WriteSettingsAsync(host.Explain(), screen);
                await WriteAsync(findings, screen);
            }

            await screen.Output.FlushAsync(CancellationToken.None);
            return code;
        }
        catch (IOException failure)
        {
            // What was found stays so, whoever reads it.
            return await UnwrittenOutput.TellAsync(failure, screen, code);
        }
    }

    /// <summary>Of the ceiling of all; never so little that a service that answers at once is not heard.</summary>
    private static TimeSpan Left(TimeSpan gone) => Longest - gone is var left && left > Least ? left : Least;

    /// <summary>What stands behind the verb and is no option of it: a start's own words, with a start's own rules.</summary>
    private static string[] Settings(ParseResult parsed, Command verb)
    {
        var words = parsed.UnmatchedTokens.ToArray();
        return StartWords.Read(words) is { ExitCode: not null and not ExitCodes.Done, Text: var text }
            ? throw new VerbException(ExitCodes.Misused, text.Replace("ReferralService does not start: ", $"{verb.Name}: ", StringComparison.Ordinal))
            : words;
    }

    private static async Task WriteSettingsAsync(IReadOnlyList<ExplainedSetting> settings, Screen screen)
    {
        var table = new TextTable("SETTING", "SOURCE", "VALUE");
        foreach (var setting in settings)
        {
            table.Add((PlainText.Of(setting.Key), Ink.Plain), (setting.Source, setting.Value is null ? Ink.Faint : Ink.Plain), (PlainText.Of(setting.Value ?? PlainText.None), Ink.Plain));
        }

        await table.WriteAsync(screen);
        await screen.Output.WriteLineAsync();
    }

    private static async Task WriteAsync(IReadOnlyList<Finding> findings, Screen screen)
    {
        var (areas, names) = (findings.Max(finding => finding.Area.Length), findings.Max(finding => finding.Name.Length));
        foreach (var finding in findings)
        {
            var (word, ink) = finding.Standing switch { Standing.Pass => ("pass", Ink.Good), Standing.Warn => ("warn", Ink.Warning), _ => ("FAIL", Ink.Bad) };
            var remedy = finding.Remedy is { } told ? $"  → {PlainText.Of(told, 600)}" : "";
            await screen.Output.WriteLineAsync($"{screen.Inked(word, ink)}  {finding.Area.PadRight(areas)}  {PlainText.Of(finding.Name).PadRight(names)}  {PlainText.Of(finding.What, 600)}{remedy}");
        }

        var report = DoctorReport.Of(findings, null);
        await screen.Output.WriteLineAsync($"{report.Passed} passed, {report.Warnings} to look at, {report.Failed} failed");
    }
}
