using Microsoft.Playwright;

namespace ReferralService.AcceptanceTests.Browser;

/// <summary>How a page is looked at.</summary>
internal sealed record Look(string Name, int Width, int Height)
{
    public static readonly Look Desk = new("desk", 1280, 900);
    public static readonly Look Dark = new("dark", 1280, 900) { Scheme = ColorScheme.Dark };
    public static readonly Look Phone = new("phone", 360, 740);
    public static readonly Look Plain = new("plain", 1280, 900) { Script = false };

    public ColorScheme Scheme { get; init; } = ColorScheme.Light;

    public bool Script { get; init; } = true;
}

/// <summary>A test that opens pages. Whatever the browser complains of (an error on its console, a breach of the CSP, a failed request, an uncaught exception) fails it.</summary>
internal abstract class BrowserTest
{
    private readonly List<IBrowserContext> _contexts = [];
    private readonly List<string> _complaints = [];

    /// <summary>What the test brings about on purpose, e.g. the status of a page that is not there.</summary>
    protected Func<string, bool> Expected { get; set; } = _ => false;

    [SetUp]
    public void NeedsBrowser()
    {
        if (BrowserStage.Browser is null)
        {
            Assert.Ignore("There is no Chromium on this machine (Debian: apt-get install chromium), so no page was looked at.");
        }
    }

    [TearDown]
    public async Task CloseAsync()
    {
        foreach (var context in _contexts)
        {
            await context.DisposeAsync();
        }

        _contexts.Clear();
        string[] complaints = [.. _complaints.Where(one => !Expected(one)).Distinct()];
        _complaints.Clear();
        Assert.That(complaints, Is.Empty, "what the browser complained of");
    }

    /// <summary>Where the pages are.</summary>
    protected virtual string Home => BrowserStage.Address;

    /// <summary>A page at this address, with everything it asks for loaded.</summary>
    protected async Task<IPage> OpenAsync(string path, Look? look = null)
    {
        look ??= Look.Desk;
        var context = await BrowserStage.Browser!.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = look.Width, Height = look.Height }, ColorScheme = look.Scheme, JavaScriptEnabled = look.Script, ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(15_000);
        _contexts.Add(context);
        var page = await context.NewPageAsync();
        page.Console += (_, message) => Complain(message.Type == "error", $"console: {message.Text}");
        page.PageError += (_, error) => Complain(true, $"exception: {error}");
        page.Response += (_, response) => Complain(response.Status >= 400, $"{response.Status}: {new Uri(response.Url).PathAndQuery}");
        await page.GotoAsync(Home + path, new PageGotoOptions { WaitUntil = WaitUntilState.Load });
        return page;
    }

    /// <summary>Shows what is folded, and what is wrong with the page by <see cref="PageChecks"/>.</summary>
    protected static async Task<string[]> FaultsAsync(IPage page, string picture)
    {
        foreach (var closed in await page.QuerySelectorAllAsync("details:not([open]) > summary"))
        {
            await closed.ClickAsync();
        }

        var faults = await PageChecks.FaultsAsync(page);
        await PictureAsync(page, picture);
        return faults;
    }

    protected static Look LookOf(string how) => how switch { "dark" => Look.Dark, "phone" => Look.Phone, "plain" => Look.Plain, _ => Look.Desk };

    /// <summary>The whole page as a picture, for people.</summary>
    protected static Task PictureAsync(IPage page, string name) => page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(BrowserStage.Screenshots, $"{name}.png"), FullPage = true });

    private void Complain(bool really, string what)
    {
        if (really)
        {
            lock (_complaints)
            {
                _complaints.Add(what);
            }
        }
    }
}
