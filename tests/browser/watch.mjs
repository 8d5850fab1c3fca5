// watch.mjs -- browsers whose every page is watched: nothing may leave the own host, nothing may be said on the
// console, nothing may fail.  What is heard breaks the promise that is being tested.
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
export const DESK = { viewport: { width: 1440, height: 900 } };

const QUIET = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
               "--disable-component-update", "--disable-sync", "--hide-scrollbars"];

export async function openBrowser() {
  const path = process.env.CHROMIUM ?? "/usr/bin/chromium";
  if (!existsSync(path)) throw new Error(`there is no ${path}; install Debian's chromium or set CHROMIUM`);
  const sandbox = process.getuid() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath: path, args: [...QUIET, ...sandbox] });
}

// Chromium itself writes a line when a page comes with 4xx.  That a form comes back with 422, a door is shut
// with 403 or a second sending meets 409 is meant; a missing style or script is not.
function isRefusalOfThePage(page, message) {
  return /status of (403|404|409|422)/.test(message.text()) && message.location().url.split("#")[0] === page.url().split("#")[0];
}

// The page's source as it was sent, for look.mjs; a redirect has none.
async function keepSource(page, response) {
  if (response.request().resourceType() !== "document" || response.status() >= 300 && response.status() < 400) return;
  page.source = response.text().catch(() => "");
}

function watchPage(suite, base, page) {
  const own = new URL(base).origin;
  page.setDefaultTimeout(8000);
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol !== "data:" && url.protocol !== "blob:" && url.origin !== own)
      suite.complain(`a request left the own host: ${request.url()}`);
  });
  page.on("console", (message) => {
    if (!isRefusalOfThePage(page, message)) suite.complain(`the console says on ${page.url()}: ${message.text()}`);
  });
  page.on("pageerror", (fault) => suite.complain(`a script failed on ${page.url()}: ${fault.message}`));
  page.on("response", (response) => {
    if (response.status() >= 500) suite.complain(`${response.status()} from ${response.url()}`);
    keepSource(page, response);
  });
}

// A fresh visitor.  Chromium's own icon request is answered by the page's link, so none is excused.
export async function visitor(suite, browser, base, options) {
  const context = await browser.newContext({ baseURL: base, locale: "zh-CN", ...options });
  context.on("page", (page) => watchPage(suite, base, page));
  return context;
}

export const PASSWORD = "Linli-demo-2026";

export async function signIn(page, login) {
  await page.goto("/desk/sign-in");
  await page.fill("#login", login);
  await page.fill("#password", PASSWORD);
  await Promise.all([page.waitForURL((url) => url.pathname !== "/desk/sign-in"), page.click("main button")]);
}

// The right login for a step, each in a context of its own, signed in once.
export class Staff {
  constructor(suite, browser, base, options) {
    Object.assign(this, { suite, browser, base, options, pages: new Map() });
  }

  async as(login) {
    if (!this.pages.has(login)) {
      const context = await visitor(this.suite, this.browser, this.base, { ...DESK, ...this.options });
      const page = await context.newPage();
      await signIn(page, login);
      this.pages.set(login, page);
    }
    return this.pages.get(login);
  }

  async close() {
    for (const page of this.pages.values()) await page.context().close();
    this.pages.clear();
  }
}
