-- submit.lua -- applications without an account, each of another person, each reply looked at: it must send to the
-- receipt of a case.  The first argument is the path that such a reply names, as a pattern of Lua; the rest is the
-- form.  "{n}" in it becomes a number that was not used before, "{phone}" a telephone number.
local threads = {}
local number = 0

setup = function(thread)
   number = number + 1
   thread:set("mine", number)
   table.insert(threads, thread)
end

init = function(arguments)
   receipt = table.remove(arguments, 1)
   form = table.concat(arguments, "&")
   sent, good, other, last = 0, 0, 0, 0
   first = os.getenv("BENCH_FIRST") + 0
   wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
   wrk.headers["Accept"] = "text/html"
end

request = function()
   sent = sent + 1
   local n = first + mine * 10000000 + sent
   local body = form:gsub("{n}", string.format("%.0f", n)):gsub("{phone}", string.format("15412%06d", n % 1000000))
   return wrk.format("POST", nil, nil, body)
end

response = function(status, headers, body)
   local place = headers["Location"] or headers["location"]
   if status == 303 and place and place:find(receipt) then
      good = good + 1
   else
      other = other + 1
      last = status
   end
end

dofile(os.getenv("BENCH_WRK") .. "/report.lua")
local report = done
done = function(summary, latency, requests)
   local all, amiss, status = 0, 0, 0
   for _, thread in ipairs(threads) do
      all = all + thread:get("good")
      amiss = amiss + thread:get("other")
      status = math.max(status, thread:get("last"))
   end
   report(summary, latency, requests)
   io.write(string.format("RECEIPTS good %d other %d status %d\n", all, amiss, status))
end
