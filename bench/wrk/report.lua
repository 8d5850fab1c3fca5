-- report.lua -- what a run of wrk found, as one line that bench/drive.py reads.
done = function(summary, latency, requests)
   local e = summary.errors
   io.write(string.format(
      "REPORT requests %d seconds %.6f p50 %.3f p99 %.3f max %.3f broken %d refused %d\n",
      summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
      latency.max / 1e3, e.connect + e.read + e.write + e.timeout, e.status))
end
