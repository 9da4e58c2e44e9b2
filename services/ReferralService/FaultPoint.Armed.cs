#if FAULT_POINTS
using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;

namespace ReferralService;

/// <summary>Thrown at a point that is armed with <c>throw</c>.</summary>
internal sealed class FaultPointException(string name) : Exception($"fault-point {name}");

/// <summary>
/// Armed by the environment: <c>REFERRAL_FAULT_POINTS="K07:kill@3;K09:throw@1/20,key=abc;K13:throw%0.05"</c>. <c>@n</c> strikes at the n-th hit,
/// <c>@n/m</c> at the n-th and each m-th after it, <c>%p</c> by chance (seeded by <c>REFERRAL_FAULT_SEED</c>), nothing at every one. Actions:
/// <c>kill</c> (SIGKILL to itself), <c>stop</c> (SIGSTOP to itself), <c>throw</c>, <c>sqlite-busy</c> and <c>sqlite-full</c> (the driver's own exceptions). Each strike is first appended to the file <c>REFERRAL_FAULT_LOG</c>.
/// </summary>
internal static partial class FaultPoint
{
    /// <summary>Further actions: what a room throws there in earnest, by name.</summary>
    public static readonly ConcurrentDictionary<string, Func<Exception>> Faults = new(StringComparer.Ordinal);

    private static readonly Lock Gate = new();
    private static readonly ConcurrentDictionary<string, int> Hits = new(StringComparer.Ordinal);
    private static readonly Random Chance = new(int.Parse(Environment.GetEnvironmentVariable("REFERRAL_FAULT_SEED") ?? "1", CultureInfo.InvariantCulture));
    private static readonly string? LogFile = Environment.GetEnvironmentVariable("REFERRAL_FAULT_LOG");
    private static readonly Arming[] Armed = [.. (Environment.GetEnvironmentVariable("REFERRAL_FAULT_POINTS") ?? "")
        .Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Arming.Parse)];

    static partial void Strike(string name, string? key)
    {
        for (var i = 0; i < Armed.Length; i++)
        {
            var armed = Armed[i];
            if (armed.Name != name || (armed.Key is not null && armed.Key != key))
            {
                continue;
            }

            var hit = Hits.AddOrUpdate($"{i}", 1, static (_, hits) => hits + 1);
            if (armed.Strikes(hit))
            {
                Act(armed, name);
            }
        }
    }

    private static void Act(Arming armed, string name)
    {
        if (LogFile is not null)
        {
            lock (Gate)
            {
                File.AppendAllText(LogFile, $"{name} {armed.Action}\n");
            }
        }

        switch (armed.Action)
        {
            case "kill":
                _ = SendSignal(Environment.ProcessId, 9);
                Environment.FailFast($"fault-point {name}");
                break;
            case "stop":
                _ = SendSignal(Environment.ProcessId, 19);
                break;
            default:
                throw Faults.TryGetValue(armed.Action, out var fault) ? fault() : new FaultPointException(name);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SendSignal(int process, int signal);

    private sealed record Arming(string Name, string Action, int First, int Every, double Share, string? Key)
    {
        public bool Strikes(int hit)
        {
            if (Share > 0)
            {
                lock (Gate)
                {
                    return Chance.NextDouble() < Share;
                }
            }

            return hit == First || (Every > 0 && hit > First && (hit - First) % Every == 0);
        }

        public static Arming Parse(string text)
        {
            var parts = text.Split(',', StringSplitOptions.TrimEntries);
            var (name, rest) = Cut(parts[0], ':');
            var key = parts.Skip(1).Where(p => p.StartsWith("key=", StringComparison.Ordinal)).Select(p => p["key=".Length..]).SingleOrDefault();
            if (rest.Contains('%', StringComparison.Ordinal))
            {
                var (chancy, share) = Cut(rest, '%');
                return new(name, chancy, 0, 0, double.Parse(share, CultureInfo.InvariantCulture), key);
            }

            var (action, when) = Cut(rest, '@');
            if (when.Length == 0)
            {
                return new(name, action, 1, 1, 0, key);
            }

            var (first, every) = Cut(when, '/');
            return new(name, action, int.Parse(first, CultureInfo.InvariantCulture), every.Length == 0 ? 0 : int.Parse(every, CultureInfo.InvariantCulture), 0, key);
        }

        private static (string Before, string After) Cut(string text, char at)
        {
            var position = text.IndexOf(at, StringComparison.Ordinal);
            return position < 0 ? (text, "") : (text[..position], text[(position + 1)..]);
        }
    }
}
#endif
