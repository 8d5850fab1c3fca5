-- post.lua -- the same form again and again: one argument for each field, name=value, already encoded.
init = function(arguments)
   wrk.method = "POST"
   wrk.body = table.concat(arguments, "&")
   wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
end

dofile(os.getenv("BENCH_WRK") .. "/report.lua")
