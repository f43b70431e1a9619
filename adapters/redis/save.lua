-- Stores the session KEYS[1] if its version is the stored one; version 0 = none is
-- stored, or one that had expired when this one was created.
-- ARGV: version; created and expires in microseconds, 0 = never; values; the
-- command that ends the key in time ('' = never) and its argument in milliseconds.
-- Returns the new version, 0 = conflict.
local version, created, expires = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local present = redis.call('HMGET', KEYS[1], 'version', 'expires')
local stored, ends = tonumber(present[1] or '0'), tonumber(present[2] or '0')
if version == 0 then
  if stored ~= 0 and (ends == 0 or ends > tonumber(created)) then
    return 0
  end
elseif version ~= stored then
  return 0
end
redis.call('HSET', KEYS[1], 'version', string.format('%.0f', stored + 1), 'created', created, 'expires', expires, 'values', ARGV[4])
if ARGV[5] == '' then
  redis.call('PERSIST', KEYS[1])
else
  redis.call(ARGV[5], KEYS[1], ARGV[6])
end
return stored + 1
