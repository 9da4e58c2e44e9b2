using System.CommandLine;
using System.Text.Json;

namespace ReferralService.Terminal;

/// <summary>watch: a line for each change, until what is watched rests; the exit code says how.</summary>
internal static class WatchVerb
{
    private const int MostAtOnce = 200;

    /// <summary>How long a service may be away (a restart) before the watcher gives up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static Command Of(VerbRun run)
    {
        var id = new Argument<Guid?>("ID") { Description = "one referral; none: those under way, the newest 200", Arity = ArgumentArity.ZeroOrOne };
        var every = new Option<double>("--every") { Description = "seconds between two looks", DefaultValueFactory = _ => 1, HelpName = "s" };
        every.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<double>() is < 0.1 or > 3600) given.AddError("--every must be 0.1 to 3600 seconds.");
        });
        var filters = new ListOptions();
        return run.Verb(
            "watch",
            "Follows one referral, or all that are under way, until they rest. Exit code 0: delivered (all of them); 10, 11, 12: one failed, is held, was cancelled.",
            [id, every, .. filters.All],
            (parsed, link, json, cancelled) =>
            {
                var looks = new Looks(link, run.Screen, TimeSpan.FromSeconds(parsed.GetValue(every)));
                return parsed.GetValue(id) is { } one ? OneAsync(looks, one, run.Screen, json, cancelled) : AllAsync(looks, filters.Query(parsed), run.Screen, json, cancelled);
            });
    }

    private static async Task<int> OneAsync(Looks looks, Guid id, Screen screen, bool json, CancellationToken cancelled)
    {
        var told = 0;
        string? before = null;
        while (true)
        {
            var answer = await looks.NextAsync(link => link.GetAsync($"api/referrals/{id:D}", cancelled), cancelled);
            if (json && answer.Text != before)
            {
                await screen.Output.WriteLineAsync(answer.Text);
            }
            else if (!json && PlainText.Find(answer.Json, "timeline") is { ValueKind: JsonValueKind.Array } timeline)
            {
                foreach (var entry in timeline.EnumerateArray().Skip(told))
                {
                    await screen.Output.WriteLineAsync(ReferralText.TimelineLine(entry, screen));
                    told++;
                }
            }

            before = answer.Text;
            await screen.Output.FlushAsync(cancelled);
            if (ReferralText.Rests(answer.Json))
            {
                return ReferralText.ExitCode(PlainText.Of(answer.Json, "state"));
            }
        }
    }

    private static async Task<int> AllAsync(Looks looks, string filters, Screen screen, bool json, CancellationToken cancelled)
    {
        var moving = new Dictionary<string, string>(StringComparer.Ordinal);
        var ended = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            var (_, items, _) = await looks.NextAsync(link => ReadingVerbs.PageAsync(link, filters, MostAtOnce, null, cancelled), cancelled);
            var gone = moving.Keys.Except(items.Select(item => PlainText.Of(item, "id"))).ToList();
            foreach (var item in items)
            {
                await TellAsync(item);
            }

            // A filter that does not fit any more (a state), or a page too short, hides it: it is asked for by its id.
            foreach (var id in gone)
            {
                await TellAsync((await looks.NowAsync(link => link.GetAsync($"api/referrals/{id}", cancelled))).Json);
            }

            await looks.ProgressAsync(moving.Count);
            if (moving.Count == 0)
            {
                await looks.ProgressEndsAsync();
                return ended.Select(ReferralText.ExitCode).Where(code => code != ExitCodes.Done).DefaultIfEmpty(ExitCodes.Done).Min();
            }
        }

        async Task TellAsync(JsonElement item)
        {
            var id = PlainText.Of(item, "id");
            var rests = ReferralText.Rests(item);
            var line = ReferralText.ChangeLine(item, screen);
            var known = moving.TryGetValue(id, out var before);
            if (rests && !known)
            {
                // It rested before anybody looked.
                return;
            }

            if (line != before)
            {
                await looks.ProgressEndsAsync();
                await screen.Output.WriteLineAsync(json ? item.GetRawText() : line);
                await screen.Output.FlushAsync(cancelled);
            }

            if (rests)
            {
                moving.Remove(id);
                ended.Add(PlainText.Of(item, "state"));
                looks.Ended++;
            }
            else
            {
                moving[id] = line;
            }
        }
    }

    /// <summary>One look after the other; a service that is away for a moment is waited for.</summary>
    private sealed class Looks(ServiceLink link, Screen screen, TimeSpan every)
    {
        private const int BarWidth = 24;

        private bool _began;
        private bool _bar;
        private long _away;

        public int Ended { get; set; }

        public Task<T> NowAsync<T>(Func<ServiceLink, Task<T>> look) => look(link);

        public async Task<T> NextAsync<T>(Func<ServiceLink, Task<T>> look, CancellationToken cancelled)
        {
            while (true)
            {
                if (_began) await Task.Delay(every, screen.Clock, cancelled);
                try
                {
                    var seen = await look(link);
                    (_began, _away) = (true, 0);
                    return seen;
                }
                catch (VerbException e) when (_began && (e.ExitCode is ExitCodes.Unreachable or ExitCodes.NotNow))
                {
                    if (_away == 0) _away = screen.Clock.GetTimestamp();
                    else if (screen.Clock.GetElapsedTime(_away) > Patience) throw;
                }
            }
        }

        /// <summary>A bar on a terminal; nothing elsewhere.</summary>
        public async Task ProgressAsync(int moving)
        {
            if (!screen.IsTerminal || moving == 0) return;
            var all = Ended + moving;
            var full = all == 0 ? 0 : BarWidth * Ended / all;
            await screen.Errors.WriteAsync($"\r[{new string('#', full)}{new string('.', BarWidth - full)}] {Ended} of {all} rest");
            await screen.Errors.FlushAsync(CancellationToken.None);
            _bar = true;
        }

        public async Task ProgressEndsAsync()
        {
            if (!_bar) return;
            await screen.Errors.WriteAsync($"\r{new string(' ', BarWidth + 30)}\r");
            await screen.Errors.FlushAsync(CancellationToken.None);
            _bar = false;
        }
    }
}
