// district.mjs -- a fresh demonstration district, served on a free port; gone without a trace at the end.
//
// LINLI names the program.  The clock of the tests is on (X-Test-Now), so that terms can pass in a moment.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PROGRAM = process.env.LINLI ?? "build/release/linli";
const APPLICATIONS = 300;
const START_MS = 20000;

function listening(child) {
  return new Promise((resolve, refuse) => {
    let heard = "";
    const timer = setTimeout(() => refuse(new Error(`the server did not begin:\n${heard}`)), START_MS);
    const listen = (bytes) => {
      if (heard === null) return;
      heard += bytes;
      const found = /"event":"serving","port":(\d+)/.exec(heard);
      if (!found) return;
      heard = null;
      clearTimeout(timer);
      resolve(`http://127.0.0.1:${found[1]}`);
    };
    child.stdout.on("data", listen);
    child.stderr.on("data", listen);
    child.on("exit", (code) => refuse(new Error(`the server ended with ${code}:\n${heard ?? ""}`)));
  });
}

export async function openDistrict(profile) {
  const folder = mkdtempSync(join(tmpdir(), "linli-browser-"));
  const db = join(folder, "district.db");
  const made = spawnSync(PROGRAM, ["demo", "--db", db, "--profile", profile, "--applications", String(APPLICATIONS)],
                         { encoding: "utf8" });
  if (made.status !== 0) throw new Error(`linli demo: ${made.error ?? made.stderr}`);
  const child = spawn(PROGRAM, ["serve", "--db", db, "--listen", "127.0.0.1:0", "--test-clock"]);
  let last = "";
  child.stderr.on("data", (bytes) => { last = (last + bytes).slice(-4000); });
  child.on("exit", (code, signal) => {
    if (code !== 0) console.log(`the server ended with ${code ?? signal}:\n${last}`);
  });
  const base = await listening(child);
  const stop = async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  return { base, profile, stop };
}
