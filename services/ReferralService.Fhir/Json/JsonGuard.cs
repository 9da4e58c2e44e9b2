using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using ReferralService.Fhir.Errors;

namespace ReferralService.Fhir.Json;

/// <summary>
/// Watches the tokens of a forward pass for what <see cref="Utf8JsonReader"/> lets through: nesting beyond a limit, a key twice in
/// one object, strings that are not text. Knows at each moment the element path.
/// </summary>
/// <remarks>
/// Keys of the objects now open lie unescaped in one arena, found through one chained hash table. Both shrink as objects close, so a
/// key costs one hash and a short copy, however many an object has. Instances are rented: the arrays outlive the resource.
/// </remarks>
internal sealed class JsonGuard
{
    /// <summary>Containers within containers that one resource may have, itself the first.</summary>
    public const int MaxDepth = 64;

    /// <summary>The tokenizer is allowed more than the guard, so that the guard's code and path are what the caller sees.</summary>
    public static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = MaxDepth + 16 };

    private const int KeepAtMost = 1 << 16;
    private static readonly ConcurrentQueue<JsonGuard> Idle = new();

    private readonly Frame[] _frames = new Frame[ReaderOptions.MaxDepth + 1];
    private byte[] _arena = new byte[1024];
    private Key[] _keys = new Key[64];
    private int[] _buckets = new int[128];
    private int _arenaLength;
    private int _keyCount;

    private struct Frame
    {
        public int FirstKey;
        public int ArenaStart;
    }

    private struct Key
    {
        public int Start;
        public int Length;
        public int Depth;
        public int Hash;
        public int Next;
    }

    /// <summary>Containers now open.</summary>
    public int Depth { get; private set; }

    /// <summary>How many containers may be open at once.</summary>
    public int Limit { get; set; }

    public static JsonGuard Rent(int limit = MaxDepth)
    {
        if (!Idle.TryDequeue(out var guard)) guard = new JsonGuard();
        guard.Limit = limit;
        return guard;
    }

    public void Return()
    {
        CloseTo(0);
        if (_arena.Length <= KeepAtMost && _keys.Length <= KeepAtMost && Idle.Count < 4 * Environment.ProcessorCount) Idle.Enqueue(this);
    }

    /// <summary>Takes the token the reader stands on.</summary>
    public void Accept(ref readonly Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                if (Depth >= Limit) throw Fault(FormatCode.JsonTooDeep, "The JSON is nested deeper than a FHIR resource may be.");
                _frames[Depth++] = new Frame { FirstKey = _keyCount, ArenaStart = _arenaLength };
                break;
            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                Close();
                break;
            case JsonTokenType.PropertyName:
                AddKey(in reader);
                break;
            case JsonTokenType.String when !JsonStrings.IsText(reader.ValueSpan, reader.ValueIsEscaped):
                throw NotText();
        }
    }

    /// <summary>Lets go of what is open beyond a depth.</summary>
    public void CloseTo(int depth)
    {
        while (Depth > depth) Close();
    }

    /// <summary>Element path of the value last begun; without indexes.</summary>
    public string? Path()
    {
        var path = new StringBuilder();
        for (int depth = 0; depth < Depth; depth++)
        {
            int after = depth + 1 < Depth ? _frames[depth + 1].FirstKey : _keyCount;
            if (after > _frames[depth].FirstKey) ElementPath.Append(path, _arena.AsSpan(_keys[after - 1].Start, _keys[after - 1].Length));
        }

        return path.Length == 0 ? null : path.ToString();
    }

    public FhirFormatException Fault(string code, string message) => new(code, "structure", Path(), message);

    private FhirFormatException NotText() => Fault(FormatCode.JsonEncoding, "A JSON string is not valid Unicode text, or holds U+0000.");

    private void AddKey(ref readonly Utf8JsonReader reader)
    {
        var raw = reader.ValueSpan;
        if (!JsonStrings.IsText(raw, reader.ValueIsEscaped)) throw NotText();
        if (_arena.Length - _arenaLength < raw.Length) Array.Resize(ref _arena, Math.Max(_arena.Length * 2, _arenaLength + raw.Length));
        var room = _arena.AsSpan(_arenaLength);
        int length = raw.Length;
        if (reader.ValueIsEscaped) length = JsonStrings.Unescape(raw, room);
        else raw.CopyTo(room);
        var name = room[..length];

        // HashCode is seeded per process: a sender cannot aim keys at one bucket.
        var hashing = new HashCode();
        hashing.AddBytes(name);
        hashing.Add(Depth);
        int hash = hashing.ToHashCode();
        for (int i = _buckets[hash & (_buckets.Length - 1)]; i > 0; i = _keys[i - 1].Next)
        {
            ref readonly var other = ref _keys[i - 1];
            // A key at this depth is of this very object: those of closed ones are gone.
            if (other.Hash == hash && other.Depth == Depth && _arena.AsSpan(other.Start, other.Length).SequenceEqual(name))
                throw Fault(FormatCode.JsonDuplicateKey, "One JSON object has the same key twice.");
        }

        if (_keyCount == _keys.Length) Grow();
        ref int bucket = ref _buckets[hash & (_buckets.Length - 1)];
        _keys[_keyCount] = new Key { Start = _arenaLength, Length = length, Depth = Depth, Hash = hash, Next = bucket };
        bucket = ++_keyCount;
        _arenaLength += length;
    }

    private void Close()
    {
        var frame = _frames[--Depth];
        while (_keyCount > frame.FirstKey)
        {
            // Keys leave in the reverse of the order they came, so each stands first in its chain.
            ref readonly var key = ref _keys[--_keyCount];
            _buckets[key.Hash & (_buckets.Length - 1)] = key.Next;
        }

        _arenaLength = frame.ArenaStart;
    }

    private void Grow()
    {
        Array.Resize(ref _keys, _keys.Length * 2);
        _buckets = new int[_keys.Length * 2];
        for (int i = 0; i < _keyCount; i++)
        {
            ref int bucket = ref _buckets[_keys[i].Hash & (_buckets.Length - 1)];
            _keys[i].Next = bucket;
            bucket = i + 1;
        }
    }
}
