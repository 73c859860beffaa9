using System.Net;
using RealtimeGateway.Doctor;
using RealtimeGateway.Doctor.Findings;

namespace RealtimeGateway.Tests.Doctor;

/// <summary>What the doctor shows of answers that nobody has described: their shape, and of their texts only what can be nothing but a code, an id or a method.</summary>
public sealed class FindingsTests
{
    [Theory]
    [InlineData("""{"error":{"code":"invalid_value","type":"invalid_request_error","message":"at resource.example","param":null}}""",
        """400 {"error":{"code":"invalid_value","type":"invalid_request_error","message":string,"param":null}}""")]
    [InlineData("""{"error":{"code":"the-deployment","type":"two words"}}""", """400 {"error":{"code":string,"type":string}}""")]
    [InlineData("""{"error":{"name\n":1,"type":"line\n"}}""", """400 {"error":{"type":string}}""")]
    [InlineData("""{"error":{"code":"see https://resource.example","type":"two words","401":"x"}}""", """400 {"error":{"code":string,"type":string}}""")]
    [InlineData("""{"code":"401","ok":true}""", """400 {"code":"401","ok":boolean}""")]
    [InlineData("<html>resource.example</html>", "400 with HTML")]
    [InlineData("resource.example", "400 with a text")]
    [InlineData("", "400 without a body")]
    public async Task An_answer_is_shown_by_its_shape(string body, string shape)
    {
        using var response = new HttpResponseMessage(HttpStatusCode.BadRequest) { Content = new StringContent(body) };

        Assert.Equal(shape, await ErrorShape.ReadAsync(response, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("0f8fad5b-d9cb-469f-a165-70867728950e", "0f8fad5b-d9cb-469f-a165-70867728950e")]
    [InlineData("resource.example", null)]
    [InlineData("two words", null)]
    public void The_id_for_Azures_support_is_shown_when_it_has_the_shape_of_one(string id, string? shown)
    {
        using var response = new HttpResponseMessage();
        response.Headers.TryAddWithoutValidation("apim-request-id", id);

        Assert.Equal(shown, AnswerHeaders.AzureRequestId(response));
    }

    [Theory]
    [InlineData("POST, GET", "POST, GET")]
    [InlineData("POST, resource.example, x-ms-*", "POST, x-ms-*")]
    [InlineData("resource.example", "none")]
    public void A_list_of_methods_or_headers_is_shown_by_its_words(string list, string shown)
    {
        using var response = new HttpResponseMessage();
        response.Headers.TryAddWithoutValidation("Access-Control-Allow-Headers", list);

        Assert.Equal(shown, AnswerHeaders.Words(response, "Access-Control-Allow-Headers"));
    }
}
