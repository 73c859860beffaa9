using System.Text.Json.Nodes;
using RealtimeGateway.Simulator.Answers;

namespace RealtimeGateway.Simulator.Breaking;

/// <summary>
/// Effects that leave a success a success and change its shape in a way that a tolerant client survives. Errors stay as they are.
/// </summary>
internal static class ShapeVariations
{
    public static Task CreatedAsync(FaultedExchange exchange) => WithStatusAsync(exchange, StatusCodes.Status201Created);

    public static Task OkAsync(FaultedExchange exchange) => WithStatusAsync(exchange, StatusCodes.Status200OK);

    public static async Task AbsoluteLocationAsync(FaultedExchange exchange)
    {
        var (request, headers) = (exchange.Http.Request, exchange.Http.Response.Headers);
        var body = await exchange.NormalBodyAsync();
        if (headers.Location.ToString() is ['/', ..] relative) headers.Location = $"{request.Scheme}://{request.Host}{relative}";
        await exchange.WriteAsync(body);
    }

    public static Task NestedSecretAsync(FaultedExchange exchange) => ReshapeAsync(exchange, json =>
    {
        if (!json.ContainsKey("value")) return;
        json["client_secret"] = new JsonObject
        {
            ["value"] = json["value"]?.DeepClone(),
            ["expires_at"] = json["expires_at"]?.DeepClone(),
        };
        json.Remove("value");
        json.Remove("expires_at");
    });

    public static Task ExtraMembersAsync(FaultedExchange exchange) => ReshapeAsync(exchange, json =>
    {
        AddExtras(json);
        if (json["session"] is JsonObject session) AddExtras(session);
    });

    public static Task MissingIdAsync(FaultedExchange exchange)
    {
        exchange.Http.Response.OnStarting(() =>
        {
            exchange.Http.Response.Headers.Remove("Location");
            return Task.CompletedTask;
        });
        return ReshapeAsync(exchange, json =>
        {
            json.Remove("id");
            (json["session"] as JsonObject)?.Remove("id");
        });
    }

    private static async Task WithStatusAsync(FaultedExchange exchange, int status)
    {
        var body = await exchange.NormalBodyAsync();
        if (exchange.Succeeded) exchange.Http.Response.StatusCode = status;
        await exchange.WriteAsync(body);
    }

    private static async Task ReshapeAsync(FaultedExchange exchange, Action<JsonObject> reshape)
    {
        var (body, json) = await exchange.NormalJsonAsync();
        if (!exchange.Succeeded || json is null)
        {
            await exchange.WriteAsync(body);
            return;
        }

        reshape(json);
        await AzureAnswer.Json(exchange.Http.Response.StatusCode, json).WriteAsync(exchange.Http);
    }

    private static void AddExtras(JsonObject json)
    {
        json["simulated_null"] = null;
        json["simulated_extra"] = new JsonObject { ["secret_looking"] = Telltales.ExtraMember, ["numbers"] = new JsonArray(1, 2, 3) };
    }
}
