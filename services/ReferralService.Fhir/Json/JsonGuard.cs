using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using ReferralService.Fhir.Errors;

namespace ReferralService.Fhir.Json;

/// <summary>
/// Watches the tokens of a forward pass for what <see cref="Utf8JsonReader"/> lets through: nesting beyond a limit, a key twice in
/// one object, strings that are not text. Knows at each moment the element path.
/// </summary>
/// <remarks>
/// Keys of the objects now open lie unescaped in one arena, each with eight bytes that say nearly all of it. A key of an object with few is looked for among those
/// eight bytes, in one comparison of many at once; only from <see cref="Few"/> on an object's keys are chained in a hash table, so that a key costs the same however
/// many an object has. Both shrink as objects close. Instances are rented: the arrays outlive the resource.
/// </remarks>
internal sealed class JsonGuard
{
    /// <summary>Containers within containers that one resource may have, itself the first.</summary>
    public const int MaxDepth = 64;

    /// <summary>The tokenizer is allowed more than the guard, so that the guard's code and path are what the caller sees.</summary>
    public static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = MaxDepth + 16 };

    /// <summary>Keys an object may have before they are hashed.</summary>
    private const int Few = 48;

    private const int KeepAtMost = 1 << 13;
    private static readonly JsonGuard?[] Idle = new JsonGuard?[4 * Environment.ProcessorCount];

    private readonly Frame[] _frames = new Frame[ReaderOptions.MaxDepth + 1];
    private byte[] _arena = new byte[1024];
    private ulong[] _prints = new ulong[64];
    private Key[] _keys = new Key[64];
    private int[] _buckets = [];
    private int _arenaLength;
    private int _keyCount;

    private struct Frame
    {
        public int FirstKey;
        public int ArenaStart;
        public bool IsHashed;
    }

    private struct Key
    {
        public int Start;
        public int Length;
        public int Hash;
        public int Next;
    }

    /// <summary>Containers now open.</summary>
    public int Depth { get; private set; }

    /// <summary>How many containers may be open at once.</summary>
    public int Limit { get; set; }

    /// <summary>The bytes are known to be UTF-8 all through: then strings need not be looked at one by one.</summary>
    public bool IsUtf8 { get; set; }

    public static JsonGuard Rent(int limit = MaxDepth)
    {
        JsonGuard? guard = null;
        for (int i = 0; guard is null && i < Idle.Length; i++)
        {
            if (Idle[i] is not null) guard = Interlocked.Exchange(ref Idle[i], null);
        }

        guard ??= new JsonGuard();
        (guard.Limit, guard.IsUtf8) = (limit, false);
        return guard;
    }

    public void Return()
    {
        CloseTo(0);
        if (_arena.Length > KeepAtMost || _keys.Length > KeepAtMost) return;
        for (int i = 0; i < Idle.Length; i++)
        {
            if (Idle[i] is null && Interlocked.CompareExchange(ref Idle[i], this, null) is null) return;
        }
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
            case JsonTokenType.String:
                if ((!IsUtf8 || reader.ValueIsEscaped) && !IsText(in reader)) throw NotText();
                break;
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

    private static bool IsText(ref readonly Utf8JsonReader reader) => JsonStrings.IsText(reader.ValueSpan, reader.ValueIsEscaped);

    private void AddKey(ref readonly Utf8JsonReader reader)
    {
        var raw = reader.ValueSpan;
        bool escaped = reader.ValueIsEscaped;
        if ((!IsUtf8 || escaped) && !IsText(in reader)) throw NotText();
        if (_arena.Length - _arenaLength < raw.Length) Array.Resize(ref _arena, Math.Max(_arena.Length * 2, _arenaLength + raw.Length));
        var room = _arena.AsSpan(_arenaLength);
        int length = raw.Length;
        if (escaped) length = JsonStrings.Unescape(raw, room);
        else raw.CopyTo(room);
        var name = room[..length];

        ref var frame = ref _frames[Depth - 1];
        ulong print = PrintOf(name);
        int hash = 0;
        if (frame.IsHashed)
        {
            hash = HashOf(name);
            LookInChain(name, print, hash);
        }
        else
        {
            for (int from = frame.FirstKey; ;)
            {
                int at = _prints.AsSpan(from, _keyCount - from).IndexOf(print);
                if (at < 0) break;
                if (IsNamed(from + at, name)) throw Twice();
                from += at + 1;
            }
        }

        if (_keyCount == _keys.Length) Grow();
        _prints[_keyCount] = print;
        _keys[_keyCount++] = new Key { Start = _arenaLength, Length = length, Hash = hash };
        _arenaLength += length;
        if (frame.IsHashed) Chain(_keyCount - 1);
        else if (_keyCount - frame.FirstKey == Few) HashFrom(ref frame);
    }

    private bool IsNamed(int key, ReadOnlySpan<byte> name) => _arena.AsSpan(_keys[key].Start, _keys[key].Length).SequenceEqual(name);

    private FhirFormatException Twice() => Fault(FormatCode.JsonDuplicateKey, "One JSON object has the same key twice.");

    /// <summary>Of a short name all of it, of a longer one its first and last bytes; two of one length that share those are compared.</summary>
    private static ulong PrintOf(ReadOnlySpan<byte> name)
    {
        ulong print = (ulong)name.Length << 56;
        if (name.Length >= sizeof(ulong)) return print ^ MemoryMarshal.Read<ulong>(name) ^ BitOperations.RotateLeft(MemoryMarshal.Read<ulong>(name[^sizeof(ulong)..]), 29);
        foreach (byte b in name) print = (print << 8) ^ (print >> 56) ^ b;
        return print;
    }

    private void LookInChain(ReadOnlySpan<byte> name, ulong print, int hash)
    {
        for (int i = _buckets[hash & (_buckets.Length - 1)]; i > 0; i = _keys[i - 1].Next)
        {
            // Behind this object's own keys come those of the objects around it.
            if (i <= _frames[Depth - 1].FirstKey) return;
            if (_keys[i - 1].Hash == hash && _prints[i - 1] == print && IsNamed(i - 1, name)) throw Twice();
        }
    }

    /// <summary>From now on this object's keys are found by their hash.</summary>
    private void HashFrom(ref Frame frame)
    {
        if (_buckets.Length < _keys.Length * 2) Rehash();
        frame.IsHashed = true;
        for (int i = frame.FirstKey; i < _keyCount; i++)
        {
            _keys[i].Hash = HashOf(_arena.AsSpan(_keys[i].Start, _keys[i].Length));
            Chain(i);
        }
    }

    /// <summary>HashCode is seeded per process: a sender cannot aim keys at one bucket.</summary>
    private static int HashOf(ReadOnlySpan<byte> name)
    {
        var hashing = new HashCode();
        hashing.AddBytes(name);
        return hashing.ToHashCode();
    }

    private void Chain(int key)
    {
        ref int bucket = ref _buckets[_keys[key].Hash & (_buckets.Length - 1)];
        _keys[key].Next = bucket;
        bucket = key + 1;
    }

    private void Close()
    {
        var frame = _frames[--Depth];
        if (frame.IsHashed)
        {
            // Keys leave in the reverse of the order they came, so each stands first in its chain.
            for (int i = _keyCount - 1; i >= frame.FirstKey; i--) _buckets[_keys[i].Hash & (_buckets.Length - 1)] = _keys[i].Next;
        }

        _keyCount = frame.FirstKey;
        _arenaLength = frame.ArenaStart;
    }

    private void Grow()
    {
        Array.Resize(ref _keys, _keys.Length * 2);
        Array.Resize(ref _prints, _keys.Length);
        if (_buckets.Length > 0) Rehash();
    }

    /// <summary>A table for as many keys as there is room for, with those of the objects that are hashed by now.</summary>
    private void Rehash()
    {
        _buckets = new int[_keys.Length * 2];
        for (int depth = 0; depth < Depth; depth++)
        {
            if (!_frames[depth].IsHashed) continue;
            int after = depth + 1 < Depth ? _frames[depth + 1].FirstKey : _keyCount;
            for (int i = _frames[depth].FirstKey; i < after; i++) Chain(i);
        }
    }
}
