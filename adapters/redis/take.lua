-- Asks the bucket KEYS[1] for a token, as policy.Rate.Take does: the bucket is the
-- moment at which it is full again, in microseconds. All numbers stay below 2^53,
-- so they are exact.
-- ARGV: interval, capacity, the time ('' = that of the server) in microseconds;
-- how many milliseconds to keep a bucket after it is full.
-- Returns the moment before, 0 for a bucket that nobody used, and the time.
local interval, capacity, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if not now then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000000 + tonumber(time[2])
end
local before = tonumber(redis.call('GET', KEYS[1]) or '0') or 0
local full = math.min(before, now + capacity)
local after = math.max(full, now) + interval
if after - now > capacity then
  after = full
end
if after ~= before then
  local keep = math.max(1, math.ceil((after - now) / 1000)) + tonumber(ARGV[4])
  redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', string.format('%.0f', keep))
end
return {before, now}
