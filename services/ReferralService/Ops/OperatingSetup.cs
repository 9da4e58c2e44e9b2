using ReferralService.Ops.Acts;
using ReferralService.Ops.Bulk;
using ReferralService.Ops.DeadLetters;
using ReferralService.Ops.Partners;
using ReferralService.Ops.Problems;

namespace ReferralService.Ops;

/// <summary>What a person does by hand, on the pages and over the API.</summary>
internal static class OperatingSetup
{
    public static IServiceCollection AddOperating(this IServiceCollection services) => services
        .AddSingleton<AuditPages>()
        .AddSingleton<ReferralActs>()
        .AddSingleton<ReferralReveal>()
        .AddSingleton<DeadLetterPages>()
        .AddSingleton<DeadLetterReads>()
        .AddSingleton<PartnerPages>()
        .AddSingleton<ProblemReads>()
        .AddSingleton<ProblemPages>()
        .AddSingleton<ProblemAnswers>()
        .AddSingleton<BulkFreezing>()
        .AddSingleton<BulkRules>()
        .AddSingleton<BulkReads>()
        .AddSingleton<BulkEndpoints>()
        .AddSingleton<BulkPages>()
        .AddSingleton<BulkRunner>()
        .AddHostedService(static provider => provider.GetRequiredService<BulkRunner>());

    public static void MapOperating(this WebApplication app)
    {
        BulkEndpoints.Map(app);
        Read<ProblemAnswers>(app, "/api/problems", static (answers, context) => answers.ListAsync(context));
        Read<DeadLetterReads>(app, "/api/dead-letters", static (reads, context) => reads.CountAsync(context));
        Show<AuditPages>(app, "/audit", static (pages, context) => pages.ShowAsync(context));
        Show<ProblemPages>(app, "/problems", static (pages, context) => pages.ShowAsync(context));
        Show<BulkPages>(app, "/bulk/{token}", static (pages, context) => pages.ShowAsync(context));
        Do<BulkPages>(app, "/bulk/preview", static (pages, context) => pages.PreviewAsync(context));
        Do<BulkPages>(app, "/bulk/{token}/run", static (pages, context) => pages.RunAsync(context));
        Do<BulkPages>(app, "/bulk/{token}/cancel", static (pages, context) => pages.StopAsync(context));
        Show<PartnerPages>(app, "/partners", static (pages, context) => pages.ShowAsync(context));
        Do<PartnerPages>(app, "/partners/{kind}/{name}/pause", static (pages, context) => pages.PauseAsync(context));
        Do<PartnerPages>(app, "/partners/{kind}/{name}/resume", static (pages, context) => pages.ResumeAsync(context));
        Show<DeadLetterPages>(app, "/dead-letters", static (pages, context) => pages.ShowAsync(context));
        Do<DeadLetterPages>(app, "/dead-letters/re-ingest", static (pages, context) => pages.ReingestAsync(context));
        Do<DeadLetterPages>(app, "/dead-letters/delete", static (pages, context) => pages.DeleteAsync(context));
        Do<DeadLetterPages>(app, "/dead-letters/reveal", static (pages, context) => pages.RevealAsync(context));
        Do<ReferralActs>(app, "/referrals/{id}/retry", static (acts, context) => acts.RetryAsync(context));
        Do<ReferralReveal>(app, "/referrals/{id}/reveal", static (reveal, context) => reveal.ShowAsync(context));
        Do<ReferralReveal>(app, "/referrals/{id}/package", static (reveal, context) => reveal.DownloadAsync(context));
        Do<ReferralActs>(app, "/referrals/{id}/cancel", static (acts, context) => acts.CancelAsync(context));
    }

    private static void Read<T>(WebApplication app, string route, Func<T, HttpContext, Task> answer) where T : class
        => app.MapMethods(route, [HttpMethods.Get, HttpMethods.Head], context => answer(context.RequestServices.GetRequiredService<T>(), context));

    private static void Show<T>(WebApplication app, string route, Func<T, HttpContext, Task<IResult>> page) where T : class
        => app.MapMethods(route, [HttpMethods.Get, HttpMethods.Head], async (HttpContext context) => await (await page(context.RequestServices.GetRequiredService<T>(), context)).ExecuteAsync(context));

    private static void Do<T>(WebApplication app, string route, Func<T, HttpContext, Task<IResult>> form) where T : class
        => app.MapPost(route, async (HttpContext context) => await (await form(context.RequestServices.GetRequiredService<T>(), context)).ExecuteAsync(context));
}
