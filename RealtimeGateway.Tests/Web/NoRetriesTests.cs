using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using RealtimeGateway.Web;

namespace RealtimeGateway.Tests.Web;

public sealed class NoRetriesTests
{
    private static readonly Endpoint Paid = new(requestDelegate: null, new(NoRetries.Instance), displayName: null);

    [Fact]
    public void They_hold_for_an_endpoint_that_says_so_and_no_other()
    {
        var (paid, free, none) = (new DefaultHttpContext(), new DefaultHttpContext(), new DefaultHttpContext());
        paid.SetEndpoint(Paid);
        free.SetEndpoint(new(requestDelegate: null, EndpointMetadataCollection.Empty, displayName: null));

        Assert.Equal((true, false, false), (NoRetries.HoldFor(paid), NoRetries.HoldFor(free), NoRetries.HoldFor(none)));
    }

    [Fact]
    public void They_hold_when_an_exception_has_taken_the_endpoint_off_the_request()
    {
        var context = new DefaultHttpContext();
        context.Features.Set<IExceptionHandlerFeature>(new ExceptionHandlerFeature { Endpoint = Paid });

        Assert.True(NoRetries.HoldFor(context));
    }
}
