namespace ReferralService.Delivery;

internal static class DeliverySetup
{
    public static IServiceCollection AddDelivery(this IServiceCollection services, SettingsReader settings)
        => services
            .AddSingleton(DeliveryOptions.Read(settings))
            .AddSingleton<DeliveryPipelines>()
            .AddSingleton<PackageDelivery>();
}
