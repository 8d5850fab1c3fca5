// look.mjs -- one page looked at: axe-core finds nothing, it reflows at 320 px (WCAG 1.4.10, the same as 400 %
// zoom of 1280 px), no text is cut off, nothing jumped while it loaded, no style or script stands in its source.
// Also keeps which routes were looked at, in which language, so that no page type can be forgotten.
//
// SHOTS=FOLDER in the environment keeps a picture of every page at 390 and at 1440.
import { mkdirSync } from "node:fs";
import axe from "axe-core";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const NARROW = 320, SHIFT_MAX = 0.005;
const SHOTS = process.env.SHOTS;

export class Looks {
  constructor(api) {
    this.routes = Object.entries(api.paths).filter(([, row]) => row.get).map(([path]) => path);
    this.seen = new Set();
    this.done = new Set();
  }

  // The row that serves a path: fixed segments win over parameters, as the longest fixed part does in the table.
  routeOf(path) {
    const parts = path.split("/");
    const fitting = this.routes.filter((route) => {
      const want = route.split("/");
      return want.length === parts.length && want.every((w, i) => w.startsWith("{") || w === parts[i]);
    });
    return fitting.sort((a, b) => a.split("{").length - b.split("{").length)[0] ?? path;
  }

  // Looks once at each page, state of it and mode ("zh", "en", "elder", "dark"); asked again, it says nothing.
  async at(suite, page, state = "", mode = null) {
    const route = this.routeOf(new URL(page.url()).pathname);
    const lang = await page.evaluate(() => (document.documentElement.lang.startsWith("zh") ? "zh" : "en"));
    const name = `${route} ${state} ${mode ?? ""}${lang}`;
    this.seen.add(`${route} ${lang}`);
    if (mode) this.seen.add(`${route} ${mode}`);
    if (this.done.has(name)) return;
    this.done.add(name);
    const faults = [await axeFaults(page), await sourceFaults(page), await jumpFaults(page), await widthFaults(page)].flat();
    if (SHOTS) await keep(page, name);
    for (const fault of faults) suite.complain(`${name}: ${fault}`);
  }
}

async function axeFaults(page) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe.source);
  const found = await page.evaluate((rules) => window.axe.run(document, {
    runOnly: { type: "tag", values: rules }, resultTypes: ["violations"],
  }), RULES);
  return found.violations.flatMap((v) => v.nodes.slice(0, 3).map((node) =>
    `axe ${v.id}: ${v.help}: ${node.html.slice(0, 160)} ${node.any[0]?.message ?? ""}`));
}

// In the source as it was sent, not in the tree as scripts left it.
async function sourceFaults(page) {
  const html = await page.source;
  return html ? inlineIn(html) : ["the source of the page could not be read"];
}

export function inlineIn(html) {
  const faults = [];
  if (/<style\b/i.test(html)) faults.push("a style element stands in the source");
  for (const [tag] of html.matchAll(/<script\b[^>]*>/gi))
    if (!/\bsrc=/.test(tag)) faults.push(`a script without an address: ${tag}`);
  for (const [tag] of html.matchAll(/<[a-z][^>]*\s(?:style|on[a-z]+|hx-on[^=\s]*)\s*=[^>]*>/gi))
    faults.push(`an inline style or script: ${tag.slice(0, 120)}`);
  return faults;
}

// What the visitor did not cause: shifts within half a second of a click are his own.
async function jumpFaults(page) {
  const moved = await page.evaluate(() => new Promise((resolve) => {
    let sum = 0;
    new PerformanceObserver((list) => {
      for (const shift of list.getEntries()) if (!shift.hadRecentInput) sum += shift.value;
    }).observe({ type: "layout-shift", buffered: true });
    setTimeout(() => resolve(sum), 30);
  }));
  return moved > SHIFT_MAX ? [`the page jumped by ${moved.toFixed(3)} while it loaded`] : [];
}

async function widthFaults(page) {
  const before = page.viewportSize();
  await page.setViewportSize({ width: NARROW, height: before.height });
  const faults = await page.evaluate(findTooWide, NARROW);
  await page.setViewportSize(before);
  return faults;
}

function findTooWide(narrow) {
  const faults = [];
  const wide = document.documentElement.scrollWidth;
  const named = (e) => `${e.tagName.toLowerCase()}.${e.className} "${(e.textContent ?? "").trim().slice(0, 30)}"`;
  const all = [...document.body.querySelectorAll("*")].filter((e) => !e.closest("svg"));
  if (wide > narrow) {
    const past = all.filter((e) => e.getBoundingClientRect().right > narrow + 1);
    faults.push(`at ${narrow} px the page is ${wide} px wide: ${past.slice(0, 3).map(named).join("; ")}`);
  }
  for (const e of all) {
    const style = getComputedStyle(e);
    const hides = style.overflowX === "hidden" && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 1;
    if (hides && e.textContent.trim()) faults.push(`text is cut off at ${narrow} px: ${named(e)}`);
  }
  return faults;
}

async function keep(page, name) {
  const before = page.viewportSize();
  const file = name.replace(/[^\w]+/g, "-").replace(/^-|-$/g, "") || "home";
  mkdirSync(SHOTS, { recursive: true });
  for (const width of [390, 1440]) {
    await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
    await page.screenshot({ path: `${SHOTS}/${file}-${width}.png`, fullPage: true });
  }
  await page.setViewportSize(before);
}
