namespace RealtimeGateway.Limits;

/// <summary>
/// What Redis does in one step, by its own clock, in microseconds. The kinds count as their counterparts in this folder do. Numbers are
/// formatted by hand: Lua would write a time as 1.7e+15.
/// </summary>
internal static class RedisScripts
{
    /// <summary>
    /// Takes a permit of every rule, or none. <c>KEYS</c>: one per rule. <c>ARGV</c>: 1 to take, 0 to look; the lease; then kind, permits, window and
    /// burst of each rule. Answers the number of the rule that refuses for longest (0: none does) and its wait.
    /// </summary>
    public static readonly RedisScript Acquire = new(Clock + """

        local kinds = {}

        kinds.fixed_window = {
          wait = function(key, rule)
            if tonumber(redis.call('GET', key) or 0) < rule.permits then return 0 end
            return math.max(redis.call('PTTL', key), 1) * 1000
          end,
          take = function(key, rule)
            if redis.call('INCR', key) == 1 then redis.call('PEXPIRE', key, text(rule.window / 1000)) end
          end
        }

        kinds.token_bucket = {
          full = function(key) return math.max(now, tonumber(redis.call('GET', key) or 0)) end,
          interval = function(rule) return math.floor(rule.window / rule.permits) end,
          wait = function(key, rule, kind) return kind.full(key) + kind.interval(rule) * (1 - rule.burst) - now end,
          take = function(key, rule, kind)
            local full = kind.full(key) + kind.interval(rule)
            redis.call('SET', key, text(full), 'PX', text(math.ceil((full - now) / 1000)))
          end
        }

        kinds.sliding_window = {
          part = function(rule)
            local length = math.floor(rule.window / 10)
            return math.floor(now / length), length
          end,
          wait = function(key, rule, kind)
            local part, length = kind.part(rule)
            local used = 0
            for age = 0, 10 do
              used = used + tonumber(redis.call('HGET', key, text(part - age)) or 0)
              if used >= rule.permits then return (part - age + 11) * length - now end
            end
            return 0
          end,
          take = function(key, rule, kind)
            local part, length = kind.part(rule)
            for _, old in ipairs(redis.call('HKEYS', key)) do
              if tonumber(old) <= part - 11 then redis.call('HDEL', key, old) end
            end
            redis.call('HINCRBY', key, text(part), 1)
            redis.call('PEXPIRE', key, text(11 * length / 1000 + 1))
          end
        }

        kinds.concurrency = {
          wait = function(key, rule)
            redis.call('ZREMRANGEBYSCORE', key, '-inf', text(now))
            if redis.call('ZCARD', key) < rule.permits then return 0 end
            return tonumber(redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2]) - now
          end,
          take = function(key, rule) count(key, ARGV[2], now + rule.window) end
        }

        local rules, refused, longest = {}, 0, 0
        for i, key in ipairs(KEYS) do
          local kind = kinds[ARGV[4 * i - 1]]
          local rule = { permits = tonumber(ARGV[4 * i]), window = tonumber(ARGV[4 * i + 1]), burst = tonumber(ARGV[4 * i + 2]), kind = kind }
          rules[i] = rule
          local wait = kind.wait(key, rule, kind)
          if wait > longest then refused, longest = i, wait end
        end
        if refused == 0 and ARGV[1] == '1' then
          for i, key in ipairs(KEYS) do rules[i].kind.take(key, rules[i], rules[i].kind) end
        end
        return { refused, math.ceil(longest) }
        """);

    /// <summary>
    /// Lets a lease end at another time. <c>KEYS</c>: one per rule. <c>ARGV</c>: the lease; microseconds from now, 0 to release it. One that has
    /// lapsed stays so.
    /// </summary>
    public static readonly RedisScript Renew = new(Clock + """

        for _, key in ipairs(KEYS) do
          local ends = tonumber(redis.call('ZSCORE', key, ARGV[1]) or 0)
          if ARGV[2] == '0' then
            redis.call('ZREM', key, ARGV[1])
          elseif ends > now then
            count(key, ARGV[1], now + tonumber(ARGV[2]))
          end
        end
        """);

    private const string Clock = """
        local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]

        local function text(number) return string.format('%.0f', number) end

        local function count(key, lease, ends)
          redis.call('ZADD', key, text(ends), lease)
          local last = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')[2]
          redis.call('PEXPIREAT', key, text(math.ceil(tonumber(last) / 1000)))
        end
        """;
}
