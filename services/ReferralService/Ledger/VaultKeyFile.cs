using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace ReferralService.Ledger;

/// <summary>
/// The file of <c>Vault:KeyFile</c>: a line for each key, its id, a space, and 32 bytes in base64. The first key encrypts, all decrypt. Empty lines and
/// those that begin with # say nothing. Read at start only.
/// </summary>
/// <remarks>Faults name lines and repeat nothing of them: a line that is written the wrong way round has its key where the id should be.</remarks>
internal static class VaultKeyFile
{
    private const int KeyBytes = 32;
    private const int MostIdBytes = 40;
    private const int MostFileBytes = 64 * 1024;

    private static readonly SearchValues<byte> IdBytes = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"u8);

    private const UnixFileMode OfStrangers = UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <param name="inClear"><see cref="VaultKeys.InClear"/>.</param>
    /// <param name="fault">Told each fault in words.</param>
    public static VaultKeys Read(string path, bool inClear, Action<string> fault)
    {
        try
        {
            using var file = File.OpenRead(path);
            var mode = OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(file.SafeFileHandle);
            if ((mode & OfStrangers) != 0)
            {
                fault("can be read or changed by others; take that away: chmod 600 (640 where its group must read it)");
                return VaultKeys.None;
            }

            if (file.Length > MostFileBytes)
            {
                fault("is no key file: it is longer than 64 KiB");
                return VaultKeys.None;
            }

            var text = new byte[file.Length];
            file.ReadExactly(text);
            try
            {
                return new(Parse(text, fault)) { InClear = inClear, SharedWithGroup = mode.HasFlag(UnixFileMode.GroupRead) };
            }
            finally
            {
                CryptographicOperations.ZeroMemory(text);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            fault(WhyNotRead(path, exception));
            return VaultKeys.None;
        }
    }

    private static string WhyNotRead(string path, Exception exception) => exception switch
    {
        _ when Directory.Exists(path) => "is a folder; give the key file in it",
        FileNotFoundException or DirectoryNotFoundException => "is not there; give the path of the key file, relative to the working directory or from the root",
        UnauthorizedAccessException => "cannot be read by this account; give the file to it (chown) with mode 600",
        NotSupportedException or ArgumentException => "is no plain file; give the path of one",
        _ => "cannot be read; look at the disk it is on",
    };

    private static List<(string Id, byte[] Key)> Parse(ReadOnlySpan<byte> text, Action<string> fault)
    {
        var keys = new List<(string Id, byte[] Key)>();
        var line = 0;
        foreach (var range in text.Split((byte)'\n'))
        {
            line++;
            var words = text[range].Trim(" \t\r"u8);
            if (words.IsEmpty || words[0] == '#')
            {
                continue;
            }

            if (Fault(words, keys, out var id, out var key) is { } wrong)
            {
                fault($"line {line}: {wrong}");
            }
            else
            {
                keys.Add((id, key));
            }
        }

        if (keys.Count == 0)
        {
            fault("holds no key; a line is <key-id> <base64 of 32 bytes>, made by: echo \"k1 $(openssl rand -base64 32)\"");
        }

        return keys;
    }

    /// <returns>What is wrong with the line; null: nothing.</returns>
    private static string? Fault(ReadOnlySpan<byte> words, List<(string Id, byte[] Key)> before, out string id, out byte[] key)
    {
        (id, key) = ("", []);
        var gap = words.IndexOfAny((byte)' ', (byte)'\t');
        if (gap < 0)
        {
            return "must be <key-id> <base64 of 32 bytes>";
        }

        if (gap > MostIdBytes || words[..gap].IndexOfAnyExcept(IdBytes) >= 0)
        {
            return "the key's id must be 1 to 40 of A-Z a-z 0-9 . _ -";
        }

        id = Encoding.ASCII.GetString(words[..gap]);
        var encoded = words[gap..].Trim(" \t"u8);
        var decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(encoded.Length)];
        if (Base64.DecodeFromUtf8(encoded, decoded, out _, out var length) != OperationStatus.Done || length != KeyBytes)
        {
            return "the key must be 32 bytes in base64 (44 characters)";
        }

        key = decoded[..KeyBytes];
        foreach (var (other, same) in before)
        {
            if (other == id)
            {
                return "the key's id stands in an earlier line, too";
            }

            if (CryptographicOperations.FixedTimeEquals(same, key))
            {
                return "the key itself stands in an earlier line, too, under another id";
            }
        }

        return null;
    }
}
