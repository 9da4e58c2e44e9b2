using System.Text.Json.Serialization;
using ReferralService.Ops.Health;
using ReferralService.Ops.Reading;

namespace ReferralService.Ops;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(Contracts.UtcMillisecondsConverter)])]
[JsonSerializable(typeof(ReferralPage))]
[JsonSerializable(typeof(ReferralDetail))]
[JsonSerializable(typeof(PartnerList))]
[JsonSerializable(typeof(PartnerPaused))]
[JsonSerializable(typeof(HealthReport))]
internal sealed partial class OpsJson : JsonSerializerContext;
