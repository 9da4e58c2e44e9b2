using System.Text.Json.Serialization;
using ReferralService.Doctor;

namespace ReferralService.Terminal;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(DoctorReport))]
[JsonSerializable(typeof(IReadOnlyList<ExplainedSetting>))]
internal sealed partial class TerminalJson : JsonSerializerContext;
