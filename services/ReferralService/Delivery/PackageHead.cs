using System.Globalization;
using System.Text.Json;
using ReferralService.Ledger;

namespace ReferralService.Delivery;

/// <summary>Reads Bundle.timestamp from the first bytes of a package: with it two builds of one package version can be told apart, whatever a server adds to what it stores.</summary>
internal static class PackageHead
{
    /// <summary>resourceType, id, meta with its labels, identifier, type and timestamp come first, whatever follows.</summary>
    private const int Bytes = 16 * 1024;

    /// <summary>Null where it does not stand there.</summary>
    public static async Task<DateTimeOffset?> TimestampAsync(SendablePackage package, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var head = new HeadStream(Bytes, enough);
        try
        {
            await package.CopyToAsync(head, enough.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // As much of it as was wanted has been read.
        }
        catch (VaultUnreadableException)
        {
            // Whoever sends it hears of that.
            return null;
        }

        return Timestamp(head.Taken);
    }

    private static DateTimeOffset? Timestamp(ReadOnlySpan<byte> head)
    {
        var reader = new Utf8JsonReader(head, isFinalBlock: false, default);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && reader.ValueTextEquals("timestamp"u8))
                {
                    return reader.Read() && reader.TokenType == JsonTokenType.String
                        && DateTimeOffset.TryParse(reader.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;
                }
            }
        }
        catch (JsonException)
        {
            // What is damaged is found where it is sent.
        }

        return null;
    }

    private sealed class HeadStream(int bytes, CancellationTokenSource enough) : MemoryStream
    {
        public ReadOnlySpan<byte> Taken => GetBuffer().AsSpan(0, (int)Length);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span[..(int)Math.Min(buffer.Length, bytes - Length)]);
            return Length < bytes ? ValueTask.CompletedTask : new ValueTask(enough.CancelAsync());
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
            => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }
}
