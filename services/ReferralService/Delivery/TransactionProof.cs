using System.Net;
using ReferralService.Fhir.Errors;
using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;
using ReferralService.RecipientDirectory;

namespace ReferralService.Delivery;

/// <summary>
/// Whether the whole of a transaction is there whose Task was found. A server that runs a transaction as a batch may have stored the Task and
/// not the rest, so what the Task leads to is read until as many resources were seen as the package has entries: every one of them is reached from it.
/// </summary>
internal static class TransactionProof
{
    private const int AtOnce = 4;

    /// <param name="task">Key of the Task at the recipient.</param>
    /// <param name="entries">Of the package; null: not known, then everything that is referred to must be there.</param>
    /// <returns>Delivered, PartlyStored, or Doubtful when it cannot be told.</returns>
    /// <exception cref="FhirRequestException">The recipient cannot be asked now.</exception>
    public static async Task<DeliveryOutcome> OfAsync(RecipientConnection connection, ResourceKey task, int? entries, string noted, CancellationToken cancellationToken)
    {
        var walk = new Walk(connection);
        var most = entries is { } known ? (2 * known) + 100 : int.MaxValue;
        for (var level = new List<ResourceKey> { task }; level.Count > 0 && walk.Found.Count <= most;)
        {
            level = await walk.ReadAsync(level, cancellationToken);
        }

        var stored = walk.Found.Count;
        var locations = walk.Found.Select(key => key.ToString()).Order(StringComparer.Ordinal).ToList();
        return (walk.Missing + walk.Unresolved, entries) switch
        {
            ( > 0, { } all) when stored < all => new DeliveryOutcome.PartlyStored(stored, all - stored, locations, []),
            ( > 0, null) => new DeliveryOutcome.PartlyStored(stored, walk.Missing + walk.Unresolved, locations, []),
            (_, { } all) when walk.Refused > 0 || stored < all => new DeliveryOutcome.Doubtful("parts-unproved", [task.ToString()]),
            _ => new DeliveryOutcome.Delivered(200, task.ToString(), noted),
        };
    }

    private sealed class Walk(RecipientConnection connection)
    {
        private readonly Lock _gate = new();
        private readonly HashSet<ResourceKey> _asked = [];
        private readonly string _base = connection.Recipient.BaseUrl.AbsoluteUri.TrimEnd('/');

        public HashSet<ResourceKey> Found { get; } = [];

        /// <summary>Referred to, and not there.</summary>
        public int Missing { get; private set; }

        /// <summary>References that still name an entry of the transaction instead of a place: their target was not stored, or nobody looked.</summary>
        public int Unresolved { get; private set; }

        /// <summary>Not to be read by us.</summary>
        public int Refused { get; private set; }

        /// <summary>Reads one level; what it refers to and was not asked for yet is the next.</summary>
        public async Task<List<ResourceKey>> ReadAsync(List<ResourceKey> level, CancellationToken cancellationToken)
        {
            _asked.UnionWith(level);
            var next = new HashSet<ResourceKey>();
            await Parallel.ForEachAsync(level, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (key, token) =>
            {
                var references = await ReferencesAsync(key, token);
                lock (_gate)
                {
                    foreach (var reference in references)
                    {
                        Unresolved += reference.Kind == ReferenceKind.Urn && reference.Text.StartsWith("urn:uuid:", StringComparison.OrdinalIgnoreCase) ? 1 : 0;
                        if (reference.Key is { } named && (reference.Kind == ReferenceKind.Relative || reference.Base == _base) && !_asked.Contains(named))
                        {
                            next.Add(named);
                        }
                    }
                }
            });
            return [.. next];
        }

        private async Task<List<FhirReference>> ReferencesAsync(ResourceKey key, CancellationToken cancellationToken)
        {
            var found = new List<FoundReference>();
            try
            {
                var resource = await connection.Reads.RunAsync((client, token) => client.ReadAsync(key.Type, key.Id, token), cancellationToken);
                ReferenceScanner.Scan(resource.Utf8.Span, found);
            }
            catch (FhirRequestException e) when (e.Status is HttpStatusCode.NotFound or HttpStatusCode.Gone)
            {
                Count(missing: true);
                return [];
            }
            catch (FhirRequestException e) when (e is { Status: HttpStatusCode.OK, Code: RequestCode.TooLarge })
            {
                // It is there; a file refers to nothing.
            }
            catch (Exception e) when (e is FhirFormatException || (e is FhirRequestException { Status: { } status } && (int)status is >= 300 and < 500 and not 408 and not 425 and not 429))
            {
                Count(missing: false);
                return [];
            }

            lock (_gate)
            {
                Found.Add(key);
            }

            return [.. found.Where(f => f.Site != ReferenceSite.Narrative).Select(f => FhirReference.Parse(f.Text))];
        }

        private void Count(bool missing)
        {
            lock (_gate)
            {
                Missing += missing ? 1 : 0;
                Refused += missing ? 0 : 1;
            }
        }
    }
}
