using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ReferralService.Ops.Pages;

/// <summary>Answers that are pages: a component, rendered here and sent whole.</summary>
internal static class Page
{
    /// <param name="parameters">The component's, by name.</param>
    public static IResult Of<T>(IReadOnlyDictionary<string, object?> parameters, int status = StatusCodes.Status200OK) where T : IComponent
        => new RazorComponentResult<T>(parameters) { StatusCode = status, PreventStreamingRendering = true };

    public static IResult Of<T>(string name, object? value, int status = StatusCodes.Status200OK) where T : IComponent
        => Of<T>(new Dictionary<string, object?> { [name] = value }, status);

    /// <summary>After a form was taken: the browser asks for <paramref name="address"/> with GET, so that reloading does nothing twice.</summary>
    /// <param name="address">Of ours, beginning with a slash.</param>
    public static IResult SeeOther(string address) => new Redirection(address);

    private sealed class Redirection(string address) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
            httpContext.Response.Headers.Location = address;
            return Task.CompletedTask;
        }
    }
}
