namespace ReferralService.Gathering;

/// <summary>The folder of spool files: private to this user, emptied of what dead processes left when this one starts.</summary>
internal sealed class SpoolFolder
{
    private const string Pattern = "*.spool";

    public SpoolFolder(GatheringOptions options)
    {
        FullName = options.SpoolFolder;
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(FullName);
        else Directory.CreateDirectory(FullName, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var file in Directory.EnumerateFiles(FullName, Pattern)) DeleteUnlessInUse(file);
    }

    public string FullName { get; }

    public Spool NewSpool() => new(FullName);

    /// <summary>A new empty file that only its owner may open and that is gone once closed, however the process ends.</summary>
    public static FileStream NewFile(string folder)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = 0,
            Options = OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None,
        };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        var path = Path.Combine(folder, Path.GetRandomFileName() + Pattern[1..]);
        var file = new FileStream(path, options);
        // On Unix an open file needs no name: without one, even kill -9 leaves nothing behind.
        if (!OperatingSystem.IsWindows()) File.Delete(path);
        return file;
    }

    private static void DeleteUnlessInUse(string file)
    {
        try
        {
            // A living owner holds it exclusively, in this process or another.
            using (new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None)) File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // In use, or gone meanwhile.
        }
    }
}
