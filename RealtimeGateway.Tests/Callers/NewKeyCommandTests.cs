using System.Text.Json.Nodes;
using RealtimeGateway.Callers;
using RealtimeGateway.Tests.Infrastructure;

namespace RealtimeGateway.Tests.Callers;

public sealed class NewKeyCommandTests
{
    [Fact]
    public async Task The_printed_line_of_configuration_makes_the_printed_key_work()
    {
        using var output = new StringWriter();
        Assert.Equal(0, NewKeyCommand.Run(["shop"], output, TextWriter.Null));
        var lines = output.ToString().Split('\n').Select(line => line.Trim()).ToArray();
        var key = Assert.Single(lines, line => line.StartsWith("rgk_", StringComparison.Ordinal));
        var json = Assert.Single(lines, line => line.StartsWith("\"Callers\"", StringComparison.Ordinal));
        var variable = Assert.Single(lines, line => line.StartsWith("Callers__Keys__shop__Hash=", StringComparison.Ordinal));

        using var azure = new Azure();
        await using var byFile = Gateway.StartWith(azure.Url, change: settings => settings["Callers"] = JsonNode.Parse($"{{{json}}}")!["Callers"]!.DeepClone());
        await using var byVariable = Gateway.StartWith(
            azure.Url, new Dictionary<string, string?> { [variable.Split('=')[0].Replace("__", ":", StringComparison.Ordinal)] = variable.Split('=')[1] });

        Assert.Equal((200, 200), (await StatusWithAsync(byFile, key), await StatusWithAsync(byVariable, key)));
        Assert.Equal((401, 401), (await StatusWithAsync(byFile, key + "x"), await StatusWithAsync(byVariable, key[..^1])));
    }

    [Fact]
    public void A_key_has_256_random_bits_and_a_prefix_that_scanners_know()
    {
        var keys = Enumerable.Range(0, 100).Select(_ => CallersKey.New().Key).ToArray();

        Assert.All(keys, key => Assert.Matches("^rgk_[A-Za-z0-9_-]{43}$", key));
        Assert.Equal(keys.Length, keys.Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [InlineData("a:b")]
    [InlineData("a__b")]
    [InlineData("a\"b")]
    [InlineData("")]
    public void A_name_that_no_configuration_can_carry_makes_no_key(string name)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();

        Assert.Equal(1, NewKeyCommand.Run([name], output, error));

        Assert.Equal(("", "The name of a key has letters and digits only."), (output.ToString(), error.ToString().Trim()));
    }

    private static async Task<int> StatusWithAsync(Gateway gateway, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/profiles") { Headers = { { "x-api-key", key } } };
        using var response = await gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return (int)response.StatusCode;
    }
}
