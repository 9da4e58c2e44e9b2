using System.Text.Json.Serialization;
using ReferralService.Ops.Bulk;
using ReferralService.Ops.DeadLetters;
using ReferralService.Ops.Health;
using ReferralService.Ops.Problems;
using ReferralService.Ops.Published;
using ReferralService.Ops.Reading;

namespace ReferralService.Ops;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(Contracts.UtcMillisecondsConverter)])]
[JsonSerializable(typeof(ReferralPage))]
[JsonSerializable(typeof(ReferralDetail))]
[JsonSerializable(typeof(PartnerList))]
[JsonSerializable(typeof(PartnerPaused))]
[JsonSerializable(typeof(ActionPage))]
[JsonSerializable(typeof(BulkAnswer))]
[JsonSerializable(typeof(ProblemList))]
[JsonSerializable(typeof(DeadLetterCounts))]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(PublishedList))]
internal sealed partial class OpsJson : JsonSerializerContext;
