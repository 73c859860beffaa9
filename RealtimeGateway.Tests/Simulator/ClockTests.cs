using Microsoft.Extensions.Time.Testing;
using RealtimeGateway.Simulator.Conversations;

namespace RealtimeGateway.Tests.Simulator;

public class ClockTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Queue<Action> _inbox = new();

    [Fact]
    public void What_came_due_and_was_prevented_before_its_turn_does_not_happen()
    {
        var happened = 0;
        var appointment = new Clock(_time, _inbox.Enqueue).After(TimeSpan.FromSeconds(1), () => happened++);
        _time.Advance(TimeSpan.FromSeconds(1));

        appointment.Dispose();
        Assert.Single(_inbox).Invoke();

        Assert.Equal(0, happened);
    }

    [Fact]
    public void Steps_wait_as_long_as_each_says_and_end_when_they_are_stopped()
    {
        var steps = new List<int>();
        var routine = new Clock(_time, step => step()).Run(Steps(steps));
        Assert.Equal([0], steps);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([0, 1], steps);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([0, 1], steps);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([0, 1, 2], steps);

        routine.Dispose();
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal([0, 1, 2], steps);
    }

    private static IEnumerable<TimeSpan> Steps(List<int> steps)
    {
        for (var i = 0; ; i++)
        {
            steps.Add(i);
            yield return TimeSpan.FromSeconds(i + 1);
        }
    }
}
