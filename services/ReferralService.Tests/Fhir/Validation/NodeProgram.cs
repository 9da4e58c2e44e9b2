using System.Diagnostics;

namespace ReferralService.Tests.Fhir.Validation;

/// <summary>Runs a script under node: programs to compare with, which the product does not depend on.</summary>
internal static class NodeProgram
{
    /// <summary>The root of the source tree.</summary>
    public static string Repository { get; } = Find();

    public static (int Code, string Text) Run(string folder, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo("node", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        using var node = Process.Start(start) ?? throw new InvalidOperationException("node did not start");
        var errors = node.StandardError.ReadToEndAsync();
        string text = node.StandardOutput.ReadToEnd();
        node.WaitForExit();
        return (node.ExitCode, text.Length > 0 ? text : errors.GetAwaiter().GetResult());
    }

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "ReferralService.sln"))) folder = folder.Parent;
        return folder.FullName;
    }
}
