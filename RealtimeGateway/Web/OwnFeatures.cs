namespace RealtimeGateway.Web;

/// <summary>What steps of the gateway leave on a request for those after them.</summary>
internal static class OwnFeatures
{
    /// <summary>The same as <c>Features.Get</c>, which is generic and virtual: the runtime would look its code up a dozen times in a request.</summary>
    public static TFeature? Own<TFeature>(this HttpContext context)
        where TFeature : class => (TFeature?)context.Features[typeof(TFeature)];
}
