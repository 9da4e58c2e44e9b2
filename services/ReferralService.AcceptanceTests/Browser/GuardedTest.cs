using Microsoft.Playwright;
using ReferralService.AcceptanceTests.Support;

namespace ReferralService.AcceptanceTests.Browser;

/// <summary>A test on the service with keys.</summary>
internal abstract class GuardedTest : BrowserTest
{
    protected static ServiceReplica Service { get; private set; } = null!;

    protected override string Home => Service.Http.BaseAddress!.ToString().TrimEnd('/');

    [OneTimeSetUp]
    public async Task NeedsService()
    {
        if (BrowserStage.Browser is not null)
        {
            Service = await GuardedService.GetAsync();
        }
    }

    /// <summary>Opens a page, is sent to sign in, does so, and is led back to the page.</summary>
    protected async Task<IPage> OpenAsAsync(string role, string path, Look? look = null)
    {
        var page = await OpenAsync(path, look);
        await SignInAsync(page, GuardedService.SecretOf(role));
        await page.WaitForURLAsync(Home + path);
        return page;
    }

    protected static async Task SignInAsync(IPage page, string secret)
    {
        await page.FillAsync("#secret", secret);
        await page.ClickAsync("form[action='/sign-in'] button");
    }
}
