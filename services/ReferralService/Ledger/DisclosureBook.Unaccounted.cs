namespace ReferralService.Ledger;

internal sealed partial class DisclosureBook
{
    private const string Unaccounted = """
        SELECT count(*), max(t.at) FROM timeline t WHERE t.event = 'delivered' AND t.at >= @from AND t.at < @until
        AND NOT EXISTS (SELECT 1 FROM disclosure d WHERE d.package_id = t.package_id)
        """;

    /// <summary>What was delivered and has no row: made by a version before there were any, delivered by it or after the upgrade. Whose they are nobody can tell without the package.</summary>
    /// <param name="since">Rows of older deliveries are gone by themselves, so older ones are not missed.</param>
    public async Task<UnaccountedDeliveries> UnaccountedAsync(DisclosureQuery query, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var values = new Values().Add("from", query.From > since ? query.From.Value : since).Add("until", query.Until ?? DateTimeOffset.MaxValue);
        var rows = await database.ReadAsync(
            session => session.ReadRowsAsync(Unaccounted, values, row => new UnaccountedDeliveries((int)row.GetInt64(0), row.InstantOrNull(1)), cancellationToken), cancellationToken);
        return rows[0];
    }
}
