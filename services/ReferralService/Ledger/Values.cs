namespace ReferralService.Ledger;

/// <summary>How a value travels to the database; given even for null, so that PostgreSQL prepares each statement once.</summary>
internal enum ValueKind { Text, Integer, BigInteger, Flag, Uuid, Bytes }

internal readonly record struct NamedValue(string Name, object? Value, ValueKind Kind);

/// <summary>The named values of a statement, always added in the same order for the same statement.</summary>
internal sealed class Values
{
    private readonly List<NamedValue> _list;

    public Values(int expected = 8) => _list = new(expected);

    public IReadOnlyList<NamedValue> List => _list;

    public Values Add(string name, string? value) => Put(name, value, ValueKind.Text);

    public Values Add(string name, int? value) => Put(name, value, ValueKind.Integer);

    public Values Add(string name, long? value) => Put(name, value, ValueKind.BigInteger);

    public Values Add(string name, bool value) => Put(name, value, ValueKind.Flag);

    public Values Add(string name, Guid? value) => Put(name, value, ValueKind.Uuid);

    public Values Add(string name, ReferralId value) => Add(name, (Guid?)value.Value);

    /// <summary>Stored as unix microseconds.</summary>
    public Values Add(string name, DateTimeOffset? value) => Add(name, value is { } instant ? Instants.ToMicroseconds(instant) : (long?)null);

    /// <summary>Stored as microseconds.</summary>
    public Values Add(string name, TimeSpan? value) => Add(name, value is { } span ? span.Ticks / TimeSpan.TicksPerMicrosecond : (long?)null);

    public Values Add(string name, ArraySegment<byte> bytes) => Put(name, bytes, ValueKind.Bytes);

    private Values Put(string name, object? value, ValueKind kind)
    {
        _list.Add(new(name, value, kind));
        return this;
    }
}
