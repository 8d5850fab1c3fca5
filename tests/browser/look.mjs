// look.mjs -- one page looked at: axe-core finds nothing, it reflows at 320 px (WCAG 1.4.10, the same as 400 %
// zoom of 1280 px), no text is cut off, nothing jumped while it loaded, no style or script stands in its source.
// Also keeps which routes were looked at, in which language, so that no page type can be forgotten.
//
// SHOTS=FOLDER in the environment keeps a picture of every page at 390 and at 1440.
import { mkdirSync } from "node:fs";
import axe from "axe-core";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const NARROW = 320, SHIFT_MAX = 0.005, TABS = 30;
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
    const faults = [await axeFaults(page), await sourceFaults(page), await jumpFaults(page), await headFaults(page),
                    await widthFaults(page)].flat();
    if (!mode || mode === "dark") faults.push(...await focusFaults(page));
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

// One h1, a title of its own, and a language that is the one of the words.
async function headFaults(page) {
  const head = await page.evaluate(() => ({
    h1: [...document.querySelectorAll("h1")].map((e) => e.textContent.trim()),
    lang: document.documentElement.lang, title: document.title,
  }));
  const faults = [];
  if (head.h1.length !== 1) faults.push(`the page has ${head.h1.length} headings of the first level`);
  if (!["zh-Hans", "en"].includes(head.lang)) faults.push(`the language of the page is "${head.lang}"`);
  const heading = (head.h1[0] ?? "").split(" · ")[0]; // what follows may be a person's name
  if (/\p{L}/u.test(heading) && /[^a-z0-9]/.test(heading) && /\p{Script=Han}/u.test(heading) !== (head.lang === "zh-Hans"))
    faults.push(`the heading "${head.h1[0]}" is not in the page's language ${head.lang}`);
  if (!/^.+ – .+$/.test(head.title)) faults.push(`the title is "${head.title}"`);
  return faults;
}

// Goes through the page by Tab: what has the focus looks other than without it, and nothing covers it.
async function focusFaults(page) {
  const faults = [];
  await page.evaluate(() => { document.activeElement?.blur(); window.scrollTo(0, 0); });
  for (let i = 0; i < TABS; i++) {
    await page.keyboard.press("Tab");
    const fault = await page.evaluate(findUnseenFocus);
    if (fault === null) break;
    if (fault) faults.push(fault);
  }
  return faults;
}

function findUnseenFocus() {
  const e = document.activeElement;
  if (!e || e === document.body || e.dataset.wasFocused) return null;
  e.dataset.wasFocused = "yes";
  const drawn = ["radio", "checkbox"].includes(e.type) ? [getComputedStyle(e.nextElementSibling, "::before")] : [];
  const styles = [getComputedStyle(e), ...drawn];
  const shown = styles.some((s) => (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2) || s.boxShadow !== "none");
  const named = `${e.tagName.toLowerCase()}.${e.className} "${(e.textContent || e.name || "").trim().slice(0, 30)}"`;
  if (!shown) return `the focus cannot be seen on ${named}`;
  const box = e.getBoundingClientRect();
  const x = Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 1);
  const y = Math.min(Math.max(box.top + box.height / 2, 1), innerHeight - 1);
  const on = document.elementFromPoint(x, y);
  const seen = !on || e.contains(on) || on.contains(e) || on.tagName === "LABEL";
  return seen ? "" : `the focus on ${named} is covered by ${on.tagName.toLowerCase()}.${on.className}`;
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
