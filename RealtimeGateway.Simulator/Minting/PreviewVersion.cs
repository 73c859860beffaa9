using System.Globalization;

namespace RealtimeGateway.Simulator.Minting;

/// <summary>The version that every operation of the preview surface has to name: <c>api-version=yyyy-MM-dd-preview</c>.</summary>
internal static class PreviewVersion
{
    private const string Format = "yyyy-MM-dd'-preview'";

    public static bool IsIn(IQueryCollection query) =>
        DateOnly.TryParseExact(query["api-version"], Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
}
