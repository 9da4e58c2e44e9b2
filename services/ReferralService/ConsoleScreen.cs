using System.Text;
using Microsoft.Win32.SafeHandles;
using ReferralService.Terminal;

namespace ReferralService;

/// <summary>The process's own console, environment and settings, for the verbs.</summary>
internal static class ConsoleScreen
{
    private const int StandardOutput = 1;

    public static async Task<int> RunAsync(string[] words)
    {
        await using var output = new StreamWriter(Output(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), bufferSize: 16 << 10);
        var screen = new Screen(output, Console.Error, !Console.IsOutputRedirected, Environment.GetEnvironmentVariable, ConfiguredUrls, TimeProvider.System);
        try
        {
            var code = await TerminalMain.RunAsync(words, screen);
            await output.FlushAsync();
            return code;
        }
        catch (InvalidDataException failure)
        {
            var refusal = StartRefusal.Of(failure);
            await Console.Error.WriteLineAsync(refusal.Text);
            return refusal.ExitCode;
        }
        catch (IOException failure)
        {
            return await UnwrittenOutput.TellAsync(failure, screen);
        }
    }

    /// <summary>.NET's own stream of the console hides that a pipe's reader is gone, and an export would go on for nobody. A file is left to it: it knows where others write.</summary>
    private static Stream Output()
    {
        if (Console.IsOutputRedirected && !OperatingSystem.IsWindows())
        {
            var pipe = new FileStream(new SafeFileHandle(StandardOutput, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            if (!pipe.CanSeek) return pipe;
        }

        return Console.OpenStandardOutput();
    }

    /// <summary>As a start in this folder would read it.</summary>
    private static string? ConfiguredUrls() => new ConfigurationBuilder()
        .AddEnvironmentVariables("ASPNETCORE_")
        .AddJsonFile(Path.Combine(Directory.GetCurrentDirectory(), "appsettings.json"), optional: true)
        .AddEnvironmentVariables()
        .Build()["urls"];
}
