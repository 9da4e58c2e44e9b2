namespace ReferralService.Ledger;

internal sealed partial class DisclosureBook
{
    /// <summary>Told before @before; or never told, of a package whose bytes are gone, so that it never will be.</summary>
    private const string IsOver = """
        NOT EXISTS (SELECT 1 FROM timeline t WHERE t.package_id = d.package_id AND t.event = 'delivered' AND t.at >= @before)
        AND (EXISTS (SELECT 1 FROM timeline t WHERE t.package_id = d.package_id AND t.event = 'delivered')
            OR NOT EXISTS (SELECT 1 FROM package_part p WHERE p.package_id = d.package_id AND p.started_at > 0))
        """;

    private const string FindOver = $"SELECT d.number FROM disclosure d WHERE d.number > @after AND {IsOver} ORDER BY d.number LIMIT @most";

    private const string DeleteOver = $"DELETE FROM disclosure AS d WHERE d.number = @number AND {IsOver}";

    /// <summary>Deletes disclosures delivered before <paramref name="before"/>, and facts of packages that were never delivered and are gone; in slices.</summary>
    /// <returns>How many.</returns>
    public async Task<int> PurgeAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var (purged, after) = (0, 0L);
        while (true)
        {
            // Looked for among the readers, so that the search keeps no writer waiting; looked at again by the writer.
            var values = new Values().Add("before", before).Add("after", after).Add("most", (int?)AtOnce);
            var slice = await database.ReadAsync(session => session.ReadRowsAsync(FindOver, values, row => row.GetInt64(0), cancellationToken), cancellationToken);
            if (slice.Count > 0)
            {
                purged += await database.WriteAsync(
                    async session =>
                    {
                        var deleted = 0;
                        foreach (var number in slice) deleted += await session.ExecuteAsync(DeleteOver, new Values().Add("number", number).Add("before", before), cancellationToken);
                        return deleted;
                    },
                    cancellationToken);
                after = slice[^1];
            }

            if (slice.Count < AtOnce)
            {
                return purged;
            }
        }
    }
}
