using ReferralService.Gathering;
using ReferralService.Ledger;

namespace ReferralService.Ops;

/// <param name="Name">ledger or spool.</param>
internal sealed record Volume(string Name, long FreeBytes, long TotalBytes);

/// <summary>The volumes this process writes to: that of the ledger's file (SQLite; a database server watches its own) and that of the spool.</summary>
internal sealed class Volumes(LedgerOptions ledger, GatheringOptions gathering)
{
    /// <summary>What can be looked at now; a folder that is not there yet counts as the nearest one above it.</summary>
    public IReadOnlyList<Volume> Look()
    {
        var found = new List<Volume>(2);
        if (ledger.SqliteFolder is { } folder) Add("ledger", folder);
        Add("spool", gathering.SpoolFolder);
        return found;

        void Add(string name, string path)
        {
            try
            {
                var drive = new DriveInfo(Nearest(path));
                found.Add(new Volume(name, drive.AvailableFreeSpace, drive.TotalSize));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                // Not to be told: a network drive that hangs, a container without it.
            }
        }
    }

    private static string Nearest(string path)
    {
        var folder = Path.GetFullPath(path);
        while (!Directory.Exists(folder) && Path.GetDirectoryName(folder) is { } above) folder = above;
        return folder;
    }
}
