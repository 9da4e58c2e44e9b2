namespace ReferralService.Fhir.Validation.Definitions;

/// <summary>The table that <c>make-table.mjs</c> wrote, as it is embedded. Its format is told at the top of that script.</summary>
internal static class TableFile
{
    public static byte[] Bytes()
    {
        using var stream = typeof(TableFile).Assembly.GetManifestResourceStream("r4.table.txt")
            ?? throw new InvalidOperationException("The R4 table is not embedded in this assembly.");
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
