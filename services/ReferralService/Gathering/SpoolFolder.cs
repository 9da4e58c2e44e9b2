namespace ReferralService.Gathering;

/// <summary>The folder of spool files, private to this user; in it one folder for each living process, with a lock beside it.</summary>
/// <remarks>
/// What has no living owner is deleted when a process starts; it is noise anyway, since its keys died with its owner. Replicas may share the folder:
/// a lock is taken before the folder it speaks for is made, so none is ever taken for dead.
/// </remarks>
internal sealed class SpoolFolder : IDisposable
{
    private const string LockEnding = ".lock";
    private const string FileEnding = ".spool";

    private readonly string _own;
    private readonly FileStream _lock;

    /// <exception cref="SettingsException">The folder cannot be made, read or written.</exception>
    public SpoolFolder(GatheringOptions options)
    {
        FullName = options.SpoolFolder;
        try
        {
            (_own, _lock) = Prepare();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException([$"Gathering:SpoolFolder: {FullName} cannot be made or written by this account; give it to the account, or set another folder."]);
        }
    }

    public string FullName { get; }

    public Spool NewSpool() => new(_own);

    /// <summary>A new empty file that only its owner may open and that is gone once closed, however the process ends.</summary>
    public static FileStream NewFile(string folder)
    {
        // Again, because what cleans temporary folders does not know that it is in use.
        Create(folder);
        var path = Path.Combine(folder, Path.GetRandomFileName() + FileEnding);
        var file = new FileStream(path, Private(OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None));
        // On Unix an open file needs no name: without one, even kill -9 leaves nothing behind.
        if (!OperatingSystem.IsWindows()) File.Delete(path);
        return file;
    }

    public void Dispose()
    {
        DeleteFolder(_own);
        File.Delete(_lock.Name);
        _lock.Dispose();
    }

    private (string Folder, FileStream Lock) Prepare()
    {
        Create(FullName);
        foreach (var file in Directory.EnumerateFiles(FullName, "*" + LockEnding)) DeleteUnlessAlive(file);
        // A folder whose lock is gone (it is made after its lock), and files as the first builds left them.
        foreach (var folder in Directory.EnumerateDirectories(FullName).Where(f => f.EndsWith(FileEnding, StringComparison.Ordinal) && !File.Exists(f + LockEnding))) DeleteFolder(folder);
        foreach (var file in Directory.EnumerateFiles(FullName, "*" + FileEnding)) DeleteUnlessAlive(file);
        return Own(FullName);
    }

    private static (string Folder, FileStream Lock) Own(string parent)
    {
        for (var left = 5; ; left--)
        {
            var folder = Path.Combine(parent, Path.GetRandomFileName() + FileEnding);
            try
            {
                var held = new FileStream(folder + LockEnding, Private(FileOptions.None));
                if (File.Exists(folder + LockEnding))
                {
                    Create(folder);
                    return (folder, held);
                }

                // Another that starts just now found it before it was locked, and deleted it.
                held.Dispose();
            }
            catch (IOException) when (left > 0)
            {
                // The same, seen a moment earlier.
            }
        }
    }

    private static FileStreamOptions Private(FileOptions more)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0, Options = more };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }

    private static void Create(string folder)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Deletes a file that no living owner holds exclusively, and before a lock the folder it speaks for.</summary>
    private static void DeleteUnlessAlive(string file)
    {
        try
        {
            using var held = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            if (file.EndsWith(LockEnding, StringComparison.Ordinal)) DeleteFolder(file[..^LockEnding.Length]);
            File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // In use, or gone meanwhile.
        }
    }

    private static void DeleteFolder(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Gone meanwhile, or never made.
        }
    }
}
