using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Ops.SignIn;

/// <summary>Programs that call the API with a token of the identity provider.</summary>
public sealed class OidcTokenTests
{
    private const string Secret = "operator-of-this-test";

    private OpenIdProvider _provider = null!;
    private RunningService _service = null!;

    [SetUp]
    public async Task Start()
    {
        _provider = await OpenIdProvider.StartAsync();
        _service = await RunningService.StartAsync(_provider.Settings().Append(("Api:Keys:ops:Secret", Secret)).Append(("Api:Keys:ops:Role", "operator")).ToDictionary(s => s.Item1, s => s.Item2));
    }

    [TearDown]
    public async Task End()
    {
        await _service.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [TestCase("GET", "/api/referrals", 200)]
    [TestCase("POST", "/api/partners/nobody/pause", 404)]
    [TestCase("GET", "/api/referrals/0b2c1f2e-0000-4000-8000-000000000001/package", 403)]
    public async Task A_token_does_what_its_role_may(string method, string path, int status)
        => Assert.That((await CallAsync(_provider.Token(), method, path)).Status, Is.EqualTo(status));

    [Test]
    public async Task A_good_token_without_a_role_is_forbidden()
        => Assert.That((await CallAsync(_provider.Token(new JsonObject { ["roles"] = "ward-9" }))).Status, Is.EqualTo(403));

    [TestCase("""{"aud":"referral-pages"}""", "RS256", TestName = "A token for somebody else is not taken")]
    [TestCase("""{"iss":"https://evil.example/"}""", "RS256", TestName = "A token of another issuer is not taken")]
    [TestCase("""{"exp":1000000000,"nbf":999999000}""", "RS256", TestName = "A token whose time is over is not taken")]
    [TestCase("""{"nbf":4000000000,"exp":4000000300}""", "RS256", TestName = "A token whose time has not come is not taken")]
    [TestCase("""{"exp":null}""", "RS256", TestName = "A token without an end is not taken")]
    [TestCase("{}", "none", TestName = "A token without a signature is not taken")]
    [TestCase("{}", "HS256", TestName = "A token signed with what everybody knows is not taken")]
    public async Task A_token_that_is_not_good_is_not_taken(string wrong, string algorithm)
        => Assert.That((await CallAsync(_provider.Token(JsonNode.Parse(wrong)!.AsObject(), algorithm))).Status, Is.EqualTo(401));

    [Test]
    public async Task A_signature_of_another_provider_is_not_taken()
    {
        await using var other = await OpenIdProvider.StartAsync();

        Assert.That((await CallAsync(other.Token(new JsonObject { ["iss"] = _provider.Issuer.AbsoluteUri }))).Status, Is.EqualTo(401));
    }

    [Test]
    public async Task A_new_key_of_the_providers_is_found()
    {
        Assert.That((await CallAsync(_provider.Token())).Status, Is.EqualTo(200));
        _provider.ChangeKey();

        await CallAsync(_provider.Token());
        using var ceiling = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while ((await CallAsync(_provider.Token())).Status != 200) ceiling.Token.ThrowIfCancellationRequested();
    }

    [Test]
    public async Task When_the_provider_is_down_it_is_said_and_keys_go_on_working()
    {
        _provider.Down = true;

        var (status, code) = await CallAsync(_provider.Token());

        Assert.Multiple(async () =>
        {
            Assert.That((status, code), Is.EqualTo((503, "identity-provider-unreachable")));
            Assert.That((await CallAsync(Secret)).Status, Is.EqualTo(200));
        });
    }

    [Test]
    public async Task A_provider_that_hangs_is_asked_once_and_nobody_waits_behind_it()
    {
        _provider.Hangs = true;

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => CallAsync(_provider.Token()))).WaitAsync(TimeSpan.FromSeconds(9));
        var asked = _provider.Asked;
        var soon = await CallAsync(_provider.Token()).WaitAsync(TimeSpan.FromSeconds(2));

        Assert.Multiple(() =>
        {
            Assert.That(answers.Append(soon).Select(a => a.Status).Distinct(), Is.EqualTo(new[] { 503 }));
            Assert.That((asked, _provider.Asked), Is.EqualTo((1, 1)), "what failed is not asked again at once");
        });
    }

    [Test]
    public async Task Tokens_that_anybody_can_make_up_use_up_their_addresss_share_before_the_provider_is_asked()
    {
        _provider.Down = true;
        await using var narrow = await RunningService.StartAsync(_provider.Settings().Append(("Intake:RequestsPerSecond", "1")).ToDictionary(s => s.Item1, s => s.Item2));
        using var http = new HttpClient { BaseAddress = narrow.Http.BaseAddress };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "a.b.c");

        var statuses = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            using var response = await http.GetAsync(new Uri("/api/referrals", UriKind.Relative));
            return (int)response.StatusCode;
        }));

        Assert.That((statuses.Count(s => s == 429) >= 15, _provider.Asked <= 3), Is.EqualTo((true, true)), $"{_provider.Asked} asked; {string.Join(' ', statuses)}");
    }

    [Test]
    public async Task Nobody_is_let_in_because_it_is_this_machine()
        => Assert.That((await CallAsync(null)).Status, Is.EqualTo(401));

    private async Task<(int Status, string? Code)> CallAsync(string? bearer, string method = "GET", string path = "/api/referrals")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (bearer is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        using var response = await _service.Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, response.StatusCode == HttpStatusCode.OK ? null : JsonDocument.Parse(text).RootElement.GetProperty("code").GetString());
    }
}
