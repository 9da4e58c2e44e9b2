using System.Text.Json;

namespace ReferralService.Tests.Contracts.OpenApi;

/// <summary>The API's gate on changes made on purpose to the document itself.</summary>
[TestFixture]
internal sealed class OpenApiDiffTests
{
    [TestCase("\"/api/partners\"", "\"/api/houses\"", "get /api/partners is removed")]
    [TestCase("\"name\": \"updatedSince\"", "\"name\": \"since\"", "listReferrals query updatedSince is removed")]
    [TestCase("\"operationId\": \"listPartners\"", "\"operationId\": \"partners\"", "listPartners has another operationId")]
    [TestCase("\"202\"", "\"200\"", "submitReferral no longer answers 202")]
    public void A_break_is_told(string from, string to, string told)
    {
        var text = File.ReadAllText(ContractFiles.OpenApi);
        Assert.That(text, Does.Contain(from));

        Assert.That(OpenApiDiff.Between(Parse(text), Parse(text.Replace(from, to, StringComparison.Ordinal))), Does.Contain(told));
    }

    [Test]
    public void What_is_only_added_passes()
    {
        var text = File.ReadAllText(ContractFiles.OpenApi);
        var less = text.Replace("\"name\": \"updatedSince\"", "\"name\": \"since\"", StringComparison.Ordinal);

        Assert.That(OpenApiDiff.Between(Parse(text), Parse(text)), Is.Empty);
        Assert.That(OpenApiDiff.Between(Parse(less), Parse(text)), Is.EqualTo(new[] { "listReferrals query since is removed" }), "and the one that came is no break");
    }

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;
}
