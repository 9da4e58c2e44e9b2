using ReferralService.AcceptanceTests.Chaos;

return await ChaosCommand.RunAsync(args);
