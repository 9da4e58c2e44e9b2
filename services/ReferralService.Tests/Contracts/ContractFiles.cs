namespace ReferralService.Tests.Contracts;

/// <summary>The folder <c>contracts/</c> of the repository that these tests were built from.</summary>
internal static class ContractFiles
{
    public static string Folder { get; } = Find();

    public static string Schemas => Path.Combine(Folder, "schemas");

    public static string Examples => Path.Combine(Folder, "examples");

    public static string AsyncApi => Path.Combine(Folder, "asyncapi.yaml");

    public static string OpenApi => Path.Combine(Folder, "openapi.json");

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ReferralService.sln")))
            {
                return Path.Combine(folder.FullName, "contracts");
            }
        }

        throw new DirectoryNotFoundException("these tests read contracts/ of the repository above them");
    }
}
