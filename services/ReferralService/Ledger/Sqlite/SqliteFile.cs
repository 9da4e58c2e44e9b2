using Microsoft.Data.Sqlite;

namespace ReferralService.Ledger.Sqlite;

/// <summary>The database's file and the lock beside it that says which process it belongs to.</summary>
internal sealed class SqliteFile : IDisposable
{
    // How File.Open tells that another process has the lock, apart from a disk that is read-only or a folder that is closed.
    private const int WouldBlock = 11;
    private const int WouldBlockOnMac = 35;
    private const int SharingViolation = unchecked((int)0x80070020);

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly FileStream _lock;

    private SqliteFile(string path, FileStream held) => (Path, _lock) = (path, held);

    /// <summary>Full path of the database.</summary>
    public string Path { get; }

    /// <summary>There was no such folder before.</summary>
    public bool MadeFolder { get; private init; }

    /// <summary>Makes the folder and an empty file if they are missing, readable by this account alone, and takes the lock for the life of the process.</summary>
    /// <exception cref="LedgerStartException">Another process holds the file, or the file cannot be made or opened.</exception>
    public static SqliteFile Take(string connectionString)
    {
        var path = System.IO.Path.GetFullPath(new SqliteConnectionStringBuilder(connectionString).DataSource);
        try
        {
            var folder = System.IO.Path.GetDirectoryName(path)!;
            var isNew = !Directory.Exists(folder);
            if (isNew)
            {
                CreateFolder(folder);
            }

            var held = OpenLock(path + ".lock");
            // SQLite gives its -wal and -shm files the mode of the database.
            File.Open(path, Options(FileMode.OpenOrCreate, FileShare.ReadWrite)).Dispose();
            return new(path, held) { MadeFolder = isNew };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new LedgerStartException($"The ledger's file {path} cannot be made or written by this account. Check Ledger:ConnectionString and the folder's owner and mode.", exception);
        }
    }

    /// <summary>Whether a process holds the database at <paramref name="path"/> now. Shares the lock for a moment, and makes no lock where there is none.</summary>
    public static bool IsHeld(string path)
    {
        try
        {
            File.Open(path + ".lock", new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.Read, BufferSize = 0 }).Dispose();
            return false;
        }
        catch (IOException exception) when (exception.HResult is WouldBlock or WouldBlockOnMac or SharingViolation)
        {
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // No lock, or another account's: nothing is known.
            return false;
        }
    }

    /// <summary>Whether a predecessor left the file in doubt (<see cref="Doubt"/>).</summary>
    public bool IsDoubted => File.Exists(DoubtPath);

    private string DoubtPath => Path + ".doubt";

    /// <summary>Leaves word for the next start that the file must be checked whole before it is used. On a disk that takes nothing any more this may fail.</summary>
    public void Doubt()
    {
        try
        {
            File.Open(DoubtPath, Options(FileMode.OpenOrCreate, FileShare.ReadWrite)).Dispose();
        }
        catch (IOException)
        {
            // The disk takes nothing; SQLite's own log is then all that the next start has to go by.
        }
    }

    /// <summary>The file was checked and is whole.</summary>
    public void Trust() => File.Delete(DoubtPath);

    public void Dispose() => _lock.Dispose();

    private static FileStream OpenLock(string path)
    {
        try
        {
            return File.Open(path, Options(FileMode.OpenOrCreate, FileShare.None));
        }
        catch (IOException exception) when (exception.HResult is WouldBlock or WouldBlockOnMac or SharingViolation)
        {
            throw new LedgerStartException(
                $"Another process holds the ledger ({path}). SQLite mode is single-writer; use PostgreSQL for several replicas.", exception);
        }
    }

    private static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
        }
    }

    private static FileStreamOptions Options(FileMode mode, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        return options;
    }
}
