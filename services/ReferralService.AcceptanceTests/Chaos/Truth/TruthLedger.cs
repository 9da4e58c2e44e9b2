using System.Text.Json;

namespace ReferralService.AcceptanceTests.Chaos.Truth;

/// <summary>A file of facts, one JSON line each, kept outside the processes that are killed; a fact is on the disk before whoever did it answers.</summary>
internal sealed class TruthLedger : IDisposable
{
    private readonly Lock _gate = new();
    private readonly FileStream _file;

    public TruthLedger(string path) => _file = new FileStream(Path = path, FileMode.Append, FileAccess.Write, FileShare.Read);

    public string Path { get; }

    /// <summary>Returns once the fact is synced to the disk.</summary>
    public void Append<T>(T fact)
    {
        var line = JsonSerializer.SerializeToUtf8Bytes(fact);
        lock (_gate)
        {
            _file.Write(line);
            _file.WriteByte((byte)'\n');
            _file.Flush(flushToDisk: true);
        }
    }

    /// <summary>All facts of a file, in the order in which they happened.</summary>
    public static IReadOnlyList<T> Read<T>(string path)
    {
        using var file = new StreamReader(new FileStream(path, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite));
        var facts = new List<T>();
        while (file.ReadLine() is { } line)
        {
            facts.Add(JsonSerializer.Deserialize<T>(line)!);
        }

        return facts;
    }

    public void Dispose() => _file.Dispose();
}
