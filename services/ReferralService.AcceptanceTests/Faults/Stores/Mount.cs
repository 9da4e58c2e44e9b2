using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace ReferralService.AcceptanceTests.Faults.Stores;

/// <summary>A small disk of its own (tmpfs), so that it can be filled or made read-only in earnest. Only root can mount one.</summary>
internal sealed class Mount : IAsyncDisposable
{
    private Mount(string folder) => Folder = folder;

    public string Folder { get; }

    public static async Task<Mount> NewAsync(int megabytes)
    {
        Assume.That(Environment.IsPrivilegedProcess, "Mounting a disk needs root.");
        var folder = Directory.CreateTempSubdirectory("referral-disk-").FullName;
        await RunAsync("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", folder);
        return new(folder);
    }

    public Task ReadOnlyAsync() => RunAsync("mount", "-o", "remount,ro", Folder);

    /// <summary>Takes all the room that is left.</summary>
    public void Fill()
    {
        using SafeFileHandle filler = File.OpenHandle(Path.Combine(Folder, "filler"), FileMode.Create, FileAccess.Write);
        var page = new byte[4096];
        for (long at = 0; ; at += page.Length)
        {
            try
            {
                RandomAccess.Write(filler, page, at);
            }
            catch (IOException)
            {
                return;
            }
        }
    }

    public void MakeRoom() => File.Delete(Path.Combine(Folder, "filler"));

    public async ValueTask DisposeAsync()
    {
        await RunAsync("umount", "-l", Folder);
        Directory.Delete(Folder);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        Assert.That(process.ExitCode, Is.Zero, $"{program} {string.Join(' ', arguments)}");
    }
}
