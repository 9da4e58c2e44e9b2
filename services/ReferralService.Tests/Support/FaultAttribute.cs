namespace ReferralService.Tests.Support;

/// <summary>The row of docs/faults.md that a test shows; a test compares the two.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class, AllowMultiple = true)]
internal sealed class FaultAttribute(string row) : PropertyAttribute(row);
