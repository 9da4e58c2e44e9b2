namespace ReferralService.Contracts;

/// <summary>The constants of a class, in the order written: a list that cannot fall behind its members.</summary>
internal static class ClosedList
{
    public static IEnumerable<string> Of(Type type)
        => type.GetFields().Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!);
}
