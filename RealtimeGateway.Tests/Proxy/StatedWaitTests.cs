using Microsoft.Extensions.Time.Testing;
using RealtimeGateway.Proxy;

namespace RealtimeGateway.Tests.Proxy;

public sealed class StatedWaitTests
{
    private static readonly FakeTimeProvider Noon = new(new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData("retry-after-ms", "1500", 1500)]
    [InlineData("retry-after-ms", "0.5", 1)]
    [InlineData("retry-after-ms", "1e3", null)]
    [InlineData("retry-after-ms", "-5", null)]
    [InlineData("retry-after-ms", "NaN", null)]
    [InlineData("Retry-After", "7", 7000)]
    [InlineData("Retry-After", "0", 1)]
    [InlineData("Retry-After", "Tue, 01 Jan 2030 12:00:30 GMT", 30_000)]
    [InlineData("Retry-After", "Tue, 01 Jan 2030 11:59:00 GMT", 1)]
    [InlineData("Retry-After", "soon", null)]
    [InlineData("Retry-After", "999999", 3_600_000)]
    [InlineData("x-ratelimit-reset-requests", "12", 12_000)]
    [InlineData("x-ratelimit-reset-requests", "1m30s", 90_000)]
    [InlineData("x-ratelimit-reset-tokens", "20ms", 20)]
    [InlineData("x-ratelimit-reset-tokens", "6m0s", 360_000)]
    [InlineData("x-ratelimit-reset-tokens", "1h2m3.5s", 3_600_000)]
    [InlineData("x-ratelimit-reset-tokens", "8.64s", 8640)]
    [InlineData("x-ratelimit-reset-tokens", "s", null)]
    [InlineData("x-ratelimit-reset-tokens", "", null)]
    [InlineData("x-other", "5", null)]
    public void Each_form_is_read_and_bounded_to_an_hour(string header, string value, int? milliseconds) =>
        Assert.Equal(milliseconds is null ? null : TimeSpan.FromMilliseconds(milliseconds.Value), StatedWait.Read(Answer((header, value)), Noon));

    [Fact]
    public void The_more_exact_header_counts()
    {
        Assert.Equal(2200, Wait(("Retry-After", "60"), ("retry-after-ms", "2200"), ("x-ratelimit-reset-requests", "9")));
        Assert.Equal(60_000, Wait(("Retry-After", "60"), ("x-ratelimit-reset-requests", "9")));
        Assert.Equal(60_000, Wait(("Retry-After", "60"), ("retry-after-ms", "soon")));
    }

    [Fact]
    public void Of_two_quotas_the_later_one_counts() =>
        Assert.Equal(30_000, Wait(("x-ratelimit-reset-requests", "2"), ("x-ratelimit-reset-tokens", "30s")));

    private static double? Wait(params (string, string)[] headers) => StatedWait.Read(Answer(headers), Noon)?.TotalMilliseconds;

    private static HttpResponseMessage Answer(params (string Name, string Value)[] headers)
    {
        var answer = new HttpResponseMessage();
        foreach (var (name, value) in headers)
            answer.Headers.TryAddWithoutValidation(name, value);
        return answer;
    }
}
