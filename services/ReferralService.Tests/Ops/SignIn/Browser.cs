using System.Net;
using System.Text.RegularExpressions;

namespace ReferralService.Tests.Ops.SignIn;

/// <summary>What of a browser matters here: cookies are kept and sent back, redirects are followed by hand, forms are sent with what stood in them.</summary>
internal sealed partial class Browser : IDisposable
{
    private readonly HttpClient _http;

    public Browser(Uri service)
    {
        Service = service;
        _http = new HttpClient(new SocketsHttpHandler { CookieContainer = Cookies, AllowAutoRedirect = false });
        _http.DefaultRequestHeaders.Accept.ParseAdd("text/html");
    }

    public Uri Service { get; }

    public CookieContainer Cookies { get; } = new();

    public async Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Service, path));
        return await SendAsync(request, headers);
    }

    /// <summary>Sends the form of the page at <paramref name="page"/> that goes to <paramref name="action"/>, with its token and hidden fields.</summary>
    public async Task<Answer> SubmitAsync(string page, string action, params (string Name, string Value)[] fields)
    {
        var form = (await GetAsync(page)).Form(action);
        return await PostAsync(action, [.. form, .. fields]);
    }

    public async Task<Answer> PostAsync(string action, (string Name, string Value)[] fields, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Service, action));
        request.Content = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)));
        return await SendAsync(request, headers);
    }

    public Task<Answer> SignInAsync(string secret, string page = "/sign-in") => SubmitAsync(page, "/sign-in", ("secret", secret));

    public string? Cookie(string name) => Cookies.GetCookies(Service)[name]?.Value;

    public void Dispose() => _http.Dispose();

    private async Task<Answer> SendAsync(HttpRequestMessage request, (string Name, string Value)[] headers)
    {
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await _http.SendAsync(request);
        return new Answer(
            (int)response.StatusCode, response.Headers.Location?.OriginalString, await response.Content.ReadAsStringAsync(), response.Content.Headers.ContentType?.MediaType,
            response.Headers.TryGetValues("Set-Cookie", out var set) ? [.. set] : [], response.Headers.RetryAfter?.Delta,
            response.Headers.TryGetValues("Strict-Transport-Security", out var strict) ? strict.Single() : null);
    }

    internal sealed partial record Answer(int Status, string? Location, string Text, string? Type, IReadOnlyList<string> SetCookies, TimeSpan? RetryAfter, string? Strict)
    {
        /// <summary>The hidden fields of the form that goes there.</summary>
        public (string Name, string Value)[] Form(string action)
        {
            var form = FormPattern().Matches(Text).Select(m => m.Value).Single(f => f.Contains($"action=\"{action}\"", StringComparison.Ordinal));
            return [.. HiddenPattern().Matches(form).Select(m => m.Value).Select(input => (Attribute(input, "name"), WebUtility.HtmlDecode(Attribute(input, "value"))))];
        }

        private static string Attribute(string tag, string name) => Regex.Match(tag, $"{name}=\"([^\"]*)\"").Groups[1].Value;

        [GeneratedRegex("<form.*?</form>", RegexOptions.Singleline)]
        private static partial Regex FormPattern();

        [GeneratedRegex("<input type=\"hidden\"[^>]*>")]
        private static partial Regex HiddenPattern();
    }
}
