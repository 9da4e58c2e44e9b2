using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace ReferralService.Ops.Pages;

/// <summary>The pages' style sheet, script and icon, from inside the assembly: there is no folder to forget, and no build step.</summary>
internal static class PageAssets
{
    private static readonly (string Name, string Type)[] Files =
        [("ops.css", "text/css; charset=utf-8"), ("ops.js", "text/javascript; charset=utf-8"), ("icon.svg", "image/svg+xml")];

    public static void Map(WebApplication app)
    {
        foreach (var (name, type) in Files)
        {
            var bytes = Read(name);
            var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]}\"");
            app.MapMethods($"/assets/{name}", [HttpMethods.Get, HttpMethods.Head], context =>
            {
                // Asked about each time, so that a page and its style are always of one build.
                context.Response.Headers.CacheControl = "no-cache";
                context.Response.Headers.XContentTypeOptions = "nosniff";
                return Results.Bytes(bytes, type, entityTag: tag).ExecuteAsync(context);
            });
        }
    }

    private static byte[] Read(string name)
    {
        using var file = typeof(PageAssets).Assembly.GetManifestResourceStream($"assets/{name}") ?? throw new InvalidOperationException("asset-missing");
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }
}
