using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace ReferralService.Ledger;

/// <summary>A step of the schema: scripts are never edited, only added.</summary>
internal sealed record LedgerScript(int Version, string Sql)
{
    /// <summary>SHA-256 of the text, whatever ends its lines.</summary>
    public string Digest { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n"))));
}

/// <summary>The versioned scripts embedded in this build, oldest first.</summary>
internal static partial class LedgerScripts
{
    /// <param name="folder"><c>sqlite</c> or <c>postgresql</c>.</param>
    public static IReadOnlyList<LedgerScript> Of(string folder)
    {
        var assembly = Assembly.GetExecutingAssembly();
        var prefix = $"{typeof(LedgerScripts).Namespace}.Scripts.{folder}.";
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Select(name => new LedgerScript(int.Parse(name.AsSpan(prefix.Length, 4), CultureInfo.InvariantCulture), Read(assembly, name)))
            .OrderBy(script => script.Version)];
    }

    /// <summary>Those that a database at <paramref name="version"/> still lacks.</summary>
    /// <exception cref="LedgerStartException">The database is newer than this build.</exception>
    public static IReadOnlyList<LedgerScript> Missing(IReadOnlyList<LedgerScript> scripts, long version)
        => version <= scripts[^1].Version
            ? [.. scripts.Where(script => script.Version > version)]
            : throw new LedgerStartException(
                $"The ledger is at schema {version}, newer than this build knows ({scripts[^1].Version}). Start the newer build, or restore a backup from before the upgrade.");

    /// <summary>Says that a database was brought forward; nothing when it was not.</summary>
    public static void Tell(ILogger log, long from, IReadOnlyList<LedgerScript> applied, TimeSpan taken)
    {
        if (applied.Count > 0)
        {
            Log.BroughtForward(log, from, applied[^1].Version, (long)taken.TotalMilliseconds);
        }
    }

    private static string Read(Assembly assembly, string name)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    private static partial class Log
    {
        [LoggerMessage(6003, LogLevel.Information, "The ledger's schema was brought from version {From} to {To} in {Milliseconds} ms (0: the ledger is new)")]
        public static partial void BroughtForward(ILogger logger, long from, int to, long milliseconds);
    }
}
