-- Reports whether the breaker of a process is open, and counts those of all. One key, whole numbers.
--
-- KEYS[1]  a sorted set: the openings of breakers by when they end, the processes by the same, negative
-- ARGV     1 process, 2 ms for which its opening counts, 0 if its breaker is not open, 3 ms for which it is a member
-- returns  open breakers, members, 1 if the process was none of them before
local key = KEYS[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local opening, member = 'o' .. ARGV[1], 'm' .. ARGV[1]
redis.call('ZREMRANGEBYSCORE', key, -now, now)
local is_new = redis.call('ZADD', key, -(now + tonumber(ARGV[3])), member)
if tonumber(ARGV[2]) > 0 then
  redis.call('ZADD', key, now + tonumber(ARGV[2]), opening)
else
  redis.call('ZREM', key, opening)
end
redis.call('PEXPIRE', key, math.max(tonumber(ARGV[2]), tonumber(ARGV[3])))
local open = redis.call('ZCOUNT', key, now, '+inf')
return { open, redis.call('ZCARD', key) - open, is_new }
