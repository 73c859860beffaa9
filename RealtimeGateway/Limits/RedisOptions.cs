using System.ComponentModel.DataAnnotations;
using RealtimeGateway.Configuration;
using StackExchange.Redis;

namespace RealtimeGateway.Limits;

/// <summary>Section <c>Redis</c>: where replicas count together. Read when the process starts.</summary>
internal sealed class RedisOptions
{
    public const string SectionName = "Redis";

    /// <summary>
    /// Hosts and options in StackExchange.Redis' notation: <c>redis-1:6380,password=…,ssl=true</c>. A secret. Empty: every process counts by itself.
    /// </summary>
    public string? Connection { get; set; }

    /// <summary>What the name of every key begins with.</summary>
    [RegularExpression("^[A-Za-z0-9:_.-]{1,64}$")]
    public string KeyPrefix { get; set; } = "realtime-gateway:";

    /// <summary>How long a decision may take; after it Redis counts as away. A time-out costs every rule its common count for a while.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:10", ErrorMessage = "must be between 00:00:00.010 and 00:00:10")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Reads the section; <c>null</c> when no Redis is configured. A fault never shows the connection.</summary>
    public static RedisOptions? Read(IConfiguration configuration, ConfigurationFaults faults)
    {
        var options = SectionReader.Read<RedisOptions>(configuration.GetSection(SectionName), faults);
        if (string.IsNullOrWhiteSpace(options.Connection))
            return null;
        if (!options.TryParse(out _))
            faults.Add($"{SectionName}:{nameof(Connection)}", "must be hosts and options such as redis:6379,password=…,ssl=true");
        return options;
    }

    /// <summary>How to connect: fail at once while there is no connection, and come back soon.</summary>
    public bool TryParse(out ConfigurationOptions connection)
    {
        connection = new();
        try
        {
            connection = ConfigurationOptions.Parse(Connection!);
        }
        catch (ArgumentException)
        {
            return false;
        }

        connection.ClientName = "realtime-gateway";
        connection.AbortOnConnectFail = false;
        connection.BacklogPolicy = BacklogPolicy.FailFast;
        connection.ConnectTimeout = 1000;
        connection.AsyncTimeout = 2 * (int)Timeout.TotalMilliseconds; // looked at once a second: the decision itself gives up earlier
        connection.ReconnectRetryPolicy = new LinearRetry(500);
        return connection.EndPoints.Count > 0;
    }
}
