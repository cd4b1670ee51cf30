-- One exchange of a process with a quota. One key, a few commands, whole numbers.
--
-- KEYS[1]  the quota: a hash
-- ARGV     1 quota, 2 length of a slice in µs, 3 slices that count, 4 life of the key in ms, 5 slices of an epoch,
--          6 place of the process, 7 process, 8 number of the request, 9 permits returned, 10 slice of their lease,
--          11 permits wanted, 12 permits that are of use at least, 13 processes that are expected, 14 permits that the
--          process has taken in the slices that count, 15 slices for which the lease is wanted, 16 slices since its last
--          answer by its own clock, then pairs of what it spent without a lease: how many slices ago, and permits
-- returns  granted, µs for which they are valid, permits left, members, slices until the key is a period old, slice of
--          the lease, µs until there may be enough, 1 if the answer is a repeated one, 1 if another process has the place
--
-- A lease counts for the last slice but one in which it is valid, which may be a later slice than this one.
--
-- Fields: k the slice of the last exchange, s the permits of the slices that count, b the slice of the first exchange,
-- q the last slice whose permits are promised to processes that wait, p how many of them,
-- c<n> the permits of a slice, in a ring, e the epoch, m its members, n the members of the epoch before, l<place> the
-- last answer to a process: process:request:granted:slice of the lease:epoch:slice.
local longest = 16
local key, quota, width, counting = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local ring = counting + longest
local place, process, request = 'l' .. ARGV[6], ARGV[7], tonumber(ARGV[8])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local slice = math.floor(now / width)
local epoch = math.floor(slice / tonumber(ARGV[5]))

local state = redis.call('HMGET', key, 'k', 's', 'b', 'e', 'm', 'n', place, 'q', 'p')
local last, sum, born = tonumber(state[1]), tonumber(state[2]), tonumber(state[3])
local counted_in, members, before = tonumber(state[4]), tonumber(state[5]), tonumber(state[6])
local record = {}
for part in string.gmatch(state[7] or '', '[^:]+') do
  record[#record + 1] = part
end
local known = record[1] == process
local answered = known and tonumber(record[2])
local is_taken = record[1] and not known and tonumber(record[5]) >= epoch - 1
if known and answered > request then
  -- Of a connection that was given up, after later requests: nobody waits for the answer.
  return { 0, 0, 0, 1, 0, slice, 0, 1, 0 }
end

-- Whether the clock went forward, in half a period in which nobody asked, by half a period more than that of the process.
local by_process = known and tonumber(record[6]) + tonumber(ARGV[16])
local is_ahead = last and by_process and slice - last > counting / 2 and slice - by_process > counting / 2
local has_lost = known and answered < request - 1

-- A key without a past, whether it is the first of its name, or was lost, or has lost its last writes, or its clock went
-- forward, or back by more than the period: what was handed out before is not known, so that each process gets its share
-- for a period, less what it has taken before.
if not last or slice + counting < last or is_ahead or has_lost then
  redis.call('DEL', key)
  last, sum, born, counted_in, members, before, known, answered = slice, 0, slice, epoch, 0, 0, false, false
end

-- The clock may go back a little: the slices never do.
if slice > last then
  local forgotten = {}
  for n = last + 1, math.min(slice, last + ring) do
    forgotten[#forgotten + 1] = 'c' .. ((n - counting) % ring)
  end
  for _, permits in ipairs(redis.call('HMGET', key, unpack(forgotten))) do
    sum = sum - (tonumber(permits) or 0)
  end
  redis.call('HDEL', key, unpack(forgotten))
else
  slice = last
end
if epoch > counted_in then
  before, members, counted_in = epoch == counted_in + 1 and members or 0, 0, epoch
end
if not known or tonumber(record[5]) ~= counted_in then
  members = members + 1
end

local granted, of = 0, slice
if answered == request then
  -- The answer was lost on its way: the same again.
  granted, of = tonumber(record[3]), tonumber(record[4])
else
  local returned, lease = tonumber(ARGV[9]), tonumber(ARGV[10])
  if returned > 0 and known and lease > slice - counting and lease < slice + longest and lease >= born then
    local field = 'c' .. (lease % ring)
    returned = math.min(returned, tonumber(redis.call('HGET', key, field)) or 0)
    redis.call('HINCRBY', key, field, -returned)
    sum = sum - returned
  end
  -- At most as many pairs as slices count. They are counted one slice too late, since the slices of the process are others.
  for at = 17, #ARGV, 2 do
    local ago, spent = math.max(tonumber(ARGV[at]) - 1, 0), tonumber(ARGV[at + 1])
    if ago < counting then
      redis.call('HINCRBY', key, 'c' .. ((slice - ago) % ring), spent)
      sum = sum + spent
    end
  end
  local limit, left = quota, quota - sum
  if slice < born + counting then
    limit = math.floor(quota / math.max(tonumber(ARGV[13]), members, before))
    left = math.min(left, limit - tonumber(ARGV[14]))
  end
  if left >= math.max(tonumber(ARGV[12]), 1) then
    granted = math.min(tonumber(ARGV[11]), left)
  end
  if granted > 0 then
    -- Long leases only while there is plenty.
    if left - granted >= limit / 8 then
      of = slice + math.max(math.min(tonumber(ARGV[15]), longest), 2) - 2
    end
    redis.call('HINCRBY', key, 'c' .. (of % ring), granted)
    sum = sum + granted
  end
end

redis.call('HSET', key, 'k', slice, 's', sum, 'b', born, 'e', counted_in, 'm', members, 'n', before,
  place, process .. ':' .. request .. ':' .. granted .. ':' .. of .. ':' .. counted_in .. ':' .. slice)
redis.call('PEXPIRE', key, ARGV[4])
-- When enough slices cease to count for this process, after those that wait already.
local wait = (slice + 1) * width - now
if granted == 0 and tonumber(ARGV[11]) > 0 then
  local from, promised = tonumber(state[8]) or 0, tonumber(state[9]) or 0
  local needed, coming, found = tonumber(ARGV[12]), {}, longest
  local left = quota - sum
  if from > slice then
    left = -promised
  else
    from = slice + 1
  end
  for n = from, slice + longest do
    coming[#coming + 1] = 'c' .. ((n - counting) % ring)
  end
  for n, permits in ipairs(#coming > 0 and redis.call('HMGET', key, unpack(coming)) or {}) do
    permits = tonumber(permits) or 0
    left = left + permits
    if left >= needed then
      found = from + n - 1 - slice
      redis.call('HSET', key, 'q', from + n - 1, 'p', permits - (left - needed))
      break
    end
  end
  wait = wait + (found - 1) * width
end
local valid = math.max(0, math.min((of + 2) * width - now, longest * width))
return { granted, valid, math.max(quota - sum, 0), math.max(members, before, 1), math.max(born + counting - slice, 0),
  of, math.max(wait, 0), answered == request and 1 or 0,
  is_taken and 1 or 0 }
