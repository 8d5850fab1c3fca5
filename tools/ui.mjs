// Bundles ui/ into a C file: styles by sass, scripts by esbuild, each also compressed.
//   usage: node tools/ui.mjs OUT.c BUILD_DIR
import { build } from "esbuild";
import * as sass from "sass";
import { readFileSync, writeFileSync, mkdirSync } from "node:fs";
import { brotliCompressSync, gzipSync, constants } from "node:zlib";
import { join, resolve, dirname } from "node:path";
import { fileURLToPath } from "node:url";

const [out, directory] = process.argv.slice(2);
const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
mkdirSync(directory, { recursive: true });

const css = sass.compile(join(root, "ui/linli.scss"), { style: "compressed", quietDeps: true, logger: sass.Logger.silent });
const js = await build({
  entryPoints: [join(root, "ui/linli.js")], bundle: true, minify: true, format: "esm", target: "es2020",
  write: false, legalComments: "none", absWorkingDir: root,
});

const assets = [
  ["/a/linli.css", "text/css; charset=utf-8", Buffer.from(css.css)],
  ["/a/linli.js", "text/javascript; charset=utf-8", Buffer.from(js.outputFiles[0].contents)],
  ["/a/mark.svg", "image/svg+xml", readFileSync(join(root, "ui/mark.svg"))],
].sort((a, b) => (a[0] < b[0] ? -1 : 1));

function store(name, bytes) {
  const path = resolve(directory, name);
  writeFileSync(path, bytes);
  return path;
}

const lines = ["/* Made by tools/ui.mjs. */", '#include "ui.h"', ""];
const rows = [];
assets.forEach(([path, type, bytes], n) => {
  const parts = {
    plain: bytes,
    gzip: gzipSync(bytes, { level: 9 }),
    brotli: brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
  };
  const small = bytes.length < 600;
  const symbols = {};
  for (const [kind, content] of Object.entries(parts)) {
    if (small && kind !== "plain") continue;
    const symbol = `ui_${n}_${kind}`;
    const file = store(`${symbol}.bin`, content);
    lines.push(`__asm__(".section .rodata\\n${symbol}:\\n.incbin \\"${file}\\"\\n${symbol}_end:\\n.byte 0\\n.previous\\n");`);
    lines.push(`extern const char ${symbol}[], ${symbol}_end[];`);
    symbols[kind] = symbol;
  }
  const pair = (kind) => (symbols[kind] ? `${symbols[kind]}, ${symbols[kind]}_end` : "NULL, NULL");
  rows.push(`    { "${path}", "${type}", ${pair("plain")}, ${pair("gzip")}, ${pair("brotli")} },`);
});
lines.push("", "const Asset UI_ASSETS[] = {", ...rows, "};", `const size_t UI_ASSETS_N = ${assets.length};`, "");
writeFileSync(out, lines.join("\n"));
