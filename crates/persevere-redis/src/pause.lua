-- Lengthens a pause, or reads it. One key, whole numbers.
--
-- KEYS[1]  the pause: the time of its end in ms
-- ARGV     1 ms to pause for from now, 0 to read
-- returns  the end in ms on the server's clock, 0 if there is none; ms that are left
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ends = tonumber(redis.call('GET', KEYS[1])) or 0
local pause = tonumber(ARGV[1])
if pause > 0 and now + pause > ends then
  ends = now + pause
  redis.call('SET', KEYS[1], ends, 'PX', pause)
end
return { ends, math.max(ends - now, 0) }
