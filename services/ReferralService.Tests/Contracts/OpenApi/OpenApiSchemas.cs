using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using ReferralService.Contracts;
using ReferralService.Ops;
using ReferralService.Packaging;

namespace ReferralService.Tests.Contracts.OpenApi;

/// <summary>The schemas of the OpenAPI document that are made from records.</summary>
internal static class OpenApiSchemas
{
    private static readonly JsonTypeInfo[] Answers =
    [
        OpsJson.Default.ActionPage, OpsJson.Default.BulkAnswer, OpsJson.Default.DeadLetterCounts, OpsJson.Default.HealthReport, OpsJson.Default.PartnerList, OpsJson.Default.PartnerPaused, OpsJson.Default.ProblemList, OpsJson.Default.PublishedList,
        OpsJson.Default.ReferralDetail, OpsJson.Default.ReferralPage,
    ];

    /// <summary>By name, as they stand under components/schemas.</summary>
    public static IReadOnlyDictionary<string, JsonObject> All()
    {
        var all = Answers.ToDictionary(type => type.Type.Name, SchemaGenerator.Answer);
        all["Manifest"] = SchemaGenerator.Answer(PackageManifestJson.Default.PackageManifest);
        all["ReasonCode"] = new JsonObject
        {
            ["description"] = ContractDocs.Of(typeof(ReasonCodes)),
            ["type"] = "string",
            ["enum"] = new JsonArray([.. ReasonCodes.All.Select(code => JsonValue.Create(code))]),
        };
        return all;
    }
}
