using System.Text.Json.Serialization;

namespace ReferralService.Terminal;

[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class TerminalJson : JsonSerializerContext;
