using System.Text.Json.Serialization;

namespace ReferralService.Contracts;

/// <summary>How the messages are written and read with System.Text.Json.</summary>
/// <remarks>
/// Names in camelCase (CloudEvents' own attributes in lower case), instants in UTC with milliseconds, ids as lower-case UUIDs.
/// Members that a reader does not know are passed over, so that members can be added; a missing required member is a <see cref="System.Text.Json.JsonException"/>,
/// and so is a name that comes twice.
/// </remarks>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    AllowOutOfOrderMetadataProperties = true,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip)]
[JsonSerializable(typeof(StatusEvent))]
[JsonSerializable(typeof(ReferralCommand))]
[JsonSerializable(typeof(CommandAnswer))]
public sealed partial class ContractsJson : JsonSerializerContext;
