using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using ReferralService.Intake.Access;

namespace ReferralService.Tests.Contracts.OpenApi;

/// <summary>contracts/openapi.json names every address that programs call, and nothing else. After a wanted change of a record: REFERRAL_WRITE_CONTRACTS=1 dotnet test services/ReferralService.Tests --filter OpenApiTests</summary>
[TestFixture]
internal sealed class OpenApiTests
{
    /// <summary>Addresses for programs; the others are pages and what belongs to them.</summary>
    private static readonly string[] ForPrograms = ["/api/", "/fhir/", "/health/", "/metrics", "/contracts", "/openapi/"];

    /// <summary>Mapped so that the route of a referral does not take the word for an id; answers 405.</summary>
    private static readonly string[] NoOperations = ["GET /api/referrals/preview"];

    [Test]
    public async Task Every_address_is_documented_and_nothing_that_is_not_there()
    {
        await using var host = ReferralHost.Build(["--urls=http://127.0.0.1:0"], TimeProvider.System);
        var mapped = host.Services.GetServices<EndpointDataSource>().Concat(((IEndpointRouteBuilder)host).DataSources)
            .SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Select(method => $"{method} /{endpoint.RoutePattern.RawText!.TrimStart('/')}") ?? [])
            .Where(address => !address.StartsWith("HEAD ", StringComparison.Ordinal) && ForPrograms.Any(prefix => address[address.IndexOf('/', StringComparison.Ordinal)..].StartsWith(prefix, StringComparison.Ordinal)))
            .Except(NoOperations).Distinct();

        Assert.That(OpenApiDocument.Kept.Operations.Select(operation => $"{operation.Method} {operation.Path}"), Is.EquivalentTo(mapped));
    }

    [Test]
    public void Every_operation_says_the_role_that_it_needs()
        => Assert.Multiple(() =>
        {
            foreach (var operation in OpenApiDocument.Kept.Operations)
            {
                var need = ApiAccessTable.Of(operation.Method, operation.Address().Split('?')[0]);
                Assert.That(need.Listed, operation.Id);
                Assert.That(operation.Role, Is.EqualTo(need.Role?.ToString().ToLowerInvariant()), operation.Id);
            }
        });

    [Test]
    public void Operations_have_names_of_their_own()
        => Assert.That(OpenApiDocument.Kept.Operations.Select(operation => operation.Id), Is.Unique.And.All.Match("^[a-z][A-Za-z]+$"));

    [Test]
    public void The_schemas_of_records_are_those_of_the_records()
    {
        var document = JsonNode.Parse(File.ReadAllText(ContractFiles.OpenApi))!.AsObject();
        var schemas = document["components"]!["schemas"]!.AsObject();
        if (Environment.GetEnvironmentVariable("REFERRAL_WRITE_CONTRACTS") == "1")
        {
            foreach (var (name, schema) in OpenApiSchemas.All())
            {
                schemas[name] = schema.DeepClone();
            }

            File.WriteAllText(ContractFiles.OpenApi, document.ToJsonString(SchemaGenerator.Layout) + "\n");
        }

        Assert.Multiple(() =>
        {
            foreach (var (name, schema) in OpenApiSchemas.All())
            {
                Assert.That(JsonNode.DeepEquals(schemas[name], schema), $"{name} differs from its record; see this fixture's summary");
            }
        });
    }

    /// <summary>By a validator that nobody here wrote.</summary>
    [Test, Category("Agreement")]
    public async Task The_document_is_OpenAPI_3_1()
    {
        var (code, output, errors) = await ContractChecks.RunAsync("openapi.mjs", ContractFiles.OpenApi);

        Assert.That((code, output, errors), Is.EqualTo((0, "OpenAPI 3.1", "")));
    }
}
