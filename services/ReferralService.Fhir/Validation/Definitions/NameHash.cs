using System.Buffers.Binary;
using System.Numerics;

namespace ReferralService.Fhir.Validation.Definitions;

/// <summary>Spreads short ASCII names. Only names of the table are ever stored under it, so nobody outside can make chains.</summary>
internal static class NameHash
{
    public static uint Of(ReadOnlySpan<byte> name)
    {
        ulong first, last;
        if (name.Length >= 8)
        {
            first = BinaryPrimitives.ReadUInt64LittleEndian(name);
            last = BinaryPrimitives.ReadUInt64LittleEndian(name[^8..]);
        }
        else if (name.Length >= 4)
        {
            first = BinaryPrimitives.ReadUInt32LittleEndian(name);
            last = BinaryPrimitives.ReadUInt32LittleEndian(name[^4..]);
        }
        else if (name.Length > 0)
        {
            first = name[0];
            last = (ulong)name[^1] << 8 | name[name.Length >> 1];
        }
        else
        {
            return 0;
        }

        ulong mixed = (first + (uint)name.Length) * 0x9E3779B97F4A7C15 ^ BitOperations.RotateLeft(last * 0xC2B2AE3D27D4EB4F, 31);
        return (uint)(mixed >> 32) ^ (uint)(mixed >> 7);
    }

    /// <summary>A table of twice as many slots as names at least, so that a search soon meets an empty one.</summary>
    public static int SlotsFor(int names) => (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(2 * names, 4));
}
