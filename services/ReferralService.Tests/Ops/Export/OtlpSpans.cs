using System.Text;

namespace ReferralService.Tests.Ops.Export;

/// <param name="Parent">Empty: none.</param>
internal sealed record OtlpSpan(string Trace, string Id, string Parent, string Name);

/// <summary>Reads the spans out of an ExportTraceServiceRequest (opentelemetry-proto 1: trace.proto), as far as the tests want them.</summary>
internal static class OtlpSpans
{
    public static IEnumerable<OtlpSpan> Read(byte[] request)
        => Messages(request, 1).SelectMany(resource => Messages(resource, 2)).SelectMany(scope => Messages(scope, 2)).Select(Span);

    private static OtlpSpan Span(byte[] span)
        => new(Hex(span, 1), Hex(span, 2), Hex(span, 4), Encoding.UTF8.GetString(Messages(span, 5).Single()));

    private static string Hex(byte[] message, int field) => Messages(message, field) is [var bytes] ? Convert.ToHexStringLower(bytes) : "";

    /// <summary>The length-delimited fields of one number.</summary>
    private static List<byte[]> Messages(byte[] message, int field)
    {
        var found = new List<byte[]>();
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message, ref at);
            switch (tag & 7)
            {
                case 0: Varint(message, ref at); break;
                case 1: at += 8; break;
                case 5: at += 4; break;
                case 2:
                    var length = (int)Varint(message, ref at);
                    if (tag >> 3 == (ulong)field) found.Add(message[at..(at + length)]);
                    at += length;
                    break;
                default: throw new FormatException("No protobuf.");
            }
        }

        return found;
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            value |= (ulong)(message[at] & 0x7F) << shift;
            if ((message[at++] & 0x80) == 0) return value;
        }
    }
}
