namespace ReferralService.Sandbox.Demo;

/// <summary>The demo cannot go on; the message is for the person watching.</summary>
internal sealed class DemoFailure(string message) : Exception(message);
