// pages.mjs -- every page of the route table, in both languages, large, and dark at the desk.  At the end none may be
// left out: a page added to the table is looked at, or the last promise breaks.
import { fillIn, send } from "./forms.mjs";
import { expect, same } from "./tally.mjs";
import { DESK, PHONE, signIn, visitor } from "./watch.mjs";

// What is fetched, not read: pictures, PDF, machine-readable replies, and the switch of display.
const NOT_A_PAGE = /\/\{(kind|size)\}$|\/schema$|^\/(metrics|healthz|openapi|display|desk\/live)$/;
const SECONDS = 90;

const OPEN_TO_ALL = ["/", "/about", "/calendar", "/follow", "/places", "/places/510105007", "/record", "/rules", "/services"];
const DRAFT = ["/apply", "/apply/pages/1", "/apply/pages/2", "/apply/papers", "/apply/check"];
const RESIDENT_MODES = [["zh-Hans", null], ["en", null], ["zh-Hans", "elder"], ["en", "elder"], ["zh-Hans", "dark"]];
const DESK_MODES = [["zh-Hans", "dark"], ["en", "elder"], ["en", null], ["en", "dark"], ["zh-Hans", "elder"],
  ["zh-Hans", null]];

async function setMode(page, lang, mode) {
  await page.emulateMedia({ colorScheme: mode === "dark" ? "dark" : "light" });
  await page.goto(`/display?size=${mode === "elder" ? "elder" : "normal"}&back=/about`);
  await page.goto(`/display?lang=${lang}&back=/about`);
}

async function lookAtAll(suite, looks, page, addresses, [lang, mode]) {
  await setMode(page, lang, mode);
  for (const address of addresses) {
    const reply = await page.goto(address);
    expect(reply.status() < 400 || address.includes("nowhere"), `${address} answers ${reply.status()}`);
    same(await page.evaluate(() => document.documentElement.lang), lang, `the language of ${address}`);
    await looks.at(suite, page, address.includes("nowhere") ? "not there" : "", mode);
  }
}

// A case of one's own, and a draft beside it.
async function prepareResident(page, who) {
  await fillDraft(page, who);
  await send(page, "form[action='/apply/submit']");
  const number = new URL(page.url()).pathname.split("/")[2];
  await fillDraft(page, who);
  return number;
}

async function fillDraft(page, who) {
  await page.goto(`/services/${who.item}`);
  await send(page, "form[action$='/apply']");
  for (const [i, answers] of who.answers.entries()) {
    await fillIn(page.locator("form"), answers);
    await send(page, `form[action='/apply/pages/${i + 1}']`);
  }
  await send(page, "form[action='/apply/papers-done']");
}

export async function residentPages(suite, house, looks, who) {
  const context = await visitor(suite, house.browser, house.base, PHONE);
  const page = await context.newPage();
  let own = [];
  await suite.promise("a case and a draft to look at", async () => {
    const number = await prepareResident(page, who);
    own = [...["", "/receipt", "/documents/1", "/looks"].map((tail) => `/cases/${number}${tail}`), `/record/${number}`];
  });
  const item = [`/services/${who.item}`, `/services/${who.item}/flow`, "/nowhere"];
  for (const mode of RESIDENT_MODES)
    await suite.promise(`residents' pages, ${mode.join(" ")}`, () => lookAtAll(suite, looks, page,
      [...OPEN_TO_ALL, ...item, ...DRAFT, ...own], mode), { lone: true, seconds: SECONDS });
  await context.close();
}

// Which pages each account opens; a copy sheet needs a case that is typed into another system as well.
async function deskAddresses(page, login, who, house) {
  if (login === "system" || login === "security") return ["/desk/accounts", "/desk/accounts/1", "/desk/post", "/desk/password"];
  if (login === "audit") return ["/desk/looks", "/desk/acts"];
  const number = house.windowCase;
  return ["/desk", `/desk/cases/${number}`, `/desk/cases/${number}/documents/2`, `/desk/cases/${number}/receipt`, "/desk/find",
          "/desk/flows", "/desk/flows/application", "/desk/intake", `/desk/intake/${who.item}`, "/desk/nowhere",
          ...await copySheets(page, who)];
}

async function copySheets(page, who) {
  await page.goto(`/desk/intake/${who.elsewhere}`);
  await fillIn(page.locator("form.intake"), who.answers[0]);
  await send(page, "form.intake", "button[value=keep]");
  return [`/desk/cases/${new URL(page.url()).pathname.split("/")[3]}/copy-sheet`];
}

export async function deskPages(suite, house, looks, who) {
  const guest = await visitor(suite, house.browser, house.base, DESK);
  const door = await guest.newPage();
  for (const mode of DESK_MODES)
    await suite.promise(`the sign-in, ${mode.join(" ")}`, () => lookAtAll(suite, looks, door, ["/desk/sign-in"], mode),
                        { lone: true });
  await guest.close();
  for (const login of [who.clerk, "system", "security", "audit"]) await pagesOf(suite, house, looks, who, login);
}

async function pagesOf(suite, house, looks, who, login) {
  const context = await visitor(suite, house.browser, house.base, DESK);
  const page = await context.newPage();
  let addresses = [];
  await suite.promise(`${login} signs in`, async () => {
    await signIn(page, login);
    addresses = await deskAddresses(page, login, who, house);
  }, { lone: true });
  for (const mode of DESK_MODES)
    await suite.promise(`the pages of ${login}, ${mode.join(" ")}`, () => lookAtAll(suite, looks, page, addresses, mode),
                        { lone: true, seconds: SECONDS });
  await context.close();
}

export async function nonePassedOver(suite, looks) {
  await suite.promise("every page of the route table was looked at in both languages", async () => {
    const pages = looks.routes.filter((route) => !NOT_A_PAGE.test(route));
    const missed = pages.flatMap((route) => ["zh", "en"].map((lang) => `${route} ${lang}`)).filter((n) => !looks.seen.has(n));
    same(missed.join(", "), "", "passed over");
  });
}
