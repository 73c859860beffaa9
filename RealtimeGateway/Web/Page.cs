namespace RealtimeGateway.Web;

/// <summary>
/// The files of the page. A browser asks each time whether what it has is still good: an upgrade must not leave it with old modules, nor a reload
/// with a policy that names old destinations.
/// </summary>
internal static class Page
{
    private static readonly StaticFileOptions Files = new() { OnPrepareResponse = static file => file.Context.Response.Headers.CacheControl = "no-cache" };

    public static void UsePage(this IApplicationBuilder app)
    {
        app.UseDefaultFiles();
        app.UseStaticFiles(Files);
    }
}
