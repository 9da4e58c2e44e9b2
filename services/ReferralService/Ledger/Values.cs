using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ReferralService.Ledger;

/// <summary>How a value travels to the database; given even for null, so that PostgreSQL prepares each statement once.</summary>
internal enum ValueKind { Text, Integer, BigInteger, Flag, Uuid, Bytes }

/// <summary>A value under its name, without a box around it.</summary>
internal readonly struct NamedValue
{
    private readonly object? _object;
    private readonly UInt128 _bits;

    public NamedValue(string name, ValueKind kind, object? value) => (Name, Kind, _object, IsNull) = (name, kind, value, value is null);

    public NamedValue(string name, ValueKind kind, long? number) => (Name, Kind, _bits, IsNull) = (name, kind, (UInt128)(ulong)number.GetValueOrDefault(), number is null);

    public NamedValue(string name, Guid? id)
        => (Name, Kind, _bits, IsNull) = (name, ValueKind.Uuid, Unsafe.BitCast<Guid, UInt128>(id.GetValueOrDefault()), id is null);

    public NamedValue(string name, ArraySegment<byte> bytes) => (Name, Kind, _object, _bits) = (name, ValueKind.Bytes, bytes.Array, new UInt128((ulong)bytes.Offset, (ulong)bytes.Count));

    public string Name { get; }
    public ValueKind Kind { get; }
    public bool IsNull { get; }
    public string? Text => (string?)_object;

    /// <summary>Of <see cref="ValueKind.Flag"/> 1 or 0.</summary>
    public long Number => (long)(ulong)_bits;
    public Guid Uuid => Unsafe.BitCast<UInt128, Guid>(_bits);
    public ArraySegment<byte> Bytes => new((byte[])_object!, (int)(ulong)(_bits >> 64), (int)(ulong)_bits);
}

/// <summary>The named values of a statement, always added in the same order for the same statement.</summary>
internal sealed class Values
{
    private readonly List<NamedValue> _list;

    public Values(int expected = 8) => _list = new(expected);

    /// <summary>Valid until the next is added.</summary>
    public ReadOnlySpan<NamedValue> All => CollectionsMarshal.AsSpan(_list);

    public Values Add(string name, string? value) => Put(new(name, ValueKind.Text, value));

    public Values Add(string name, int? value) => Put(new(name, ValueKind.Integer, (long?)value));

    public Values Add(string name, long? value) => Put(new(name, ValueKind.BigInteger, value));

    public Values Add(string name, bool value) => Put(new(name, ValueKind.Flag, (long?)(value ? 1 : 0)));

    public Values Add(string name, Guid? value) => Put(new(name, value));

    public Values Add(string name, ReferralId value) => Add(name, (Guid?)value.Value);

    /// <summary>Stored as unix microseconds.</summary>
    public Values Add(string name, DateTimeOffset? value) => Add(name, value is { } instant ? Instants.ToMicroseconds(instant) : (long?)null);

    /// <summary>Stored as microseconds.</summary>
    public Values Add(string name, TimeSpan? value) => Add(name, value is { } span ? span.Ticks / TimeSpan.TicksPerMicrosecond : (long?)null);

    public Values Add(string name, ArraySegment<byte> bytes) => Put(new(name, bytes));

    private Values Put(NamedValue value)
    {
        _list.Add(value);
        return this;
    }
}
