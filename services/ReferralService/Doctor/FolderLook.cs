namespace ReferralService.Doctor;

/// <summary>Folders that the service reads, and the one it writes into.</summary>
internal static class FolderLook
{
    /// <summary>A start makes it; so the nearest one above must let it.</summary>
    public static void TellWritten(Findings findings, string key, string folder, Guid scratchId)
    {
        var nearest = Path.GetFullPath(folder);
        while (!Directory.Exists(nearest) && Path.GetDirectoryName(nearest) is { } above) nearest = above;
        try
        {
            using (new FileStream(Path.Combine(nearest, $".referral-doctor-{scratchId:N}"), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose))
            {
                findings.Pass($"{folder} can be written");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            findings.Fail("folder-not-writable", $"nothing can be written in {nearest}", $"correct {key}, or the folder's owner and mode; see that its disk is not full or read-only");
        }
    }
}
