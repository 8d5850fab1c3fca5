// desk.mjs -- staff at the desk: the queue by keys, a step with its fields, and that nobody decides on what they
// examined, whatever posts they hold.
import { fillIn, send, takeStep } from "./forms.mjs";
import { expect, same } from "./tally.mjs";
import { Staff } from "./watch.mjs";

const focused = (page) => page.evaluate(() => document.activeElement.getAttribute("href"));

async function goesThroughTheQueue(page) {
  await page.goto("/desk");
  const links = await page.locator(".queue a").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
  expect(links.length >= 2, `cases in the queue: ${links.length}`);
  await page.keyboard.press("j");
  same(await focused(page), links[0], "the key J leads to the first");
  await page.keyboard.press("j");
  same(await focused(page), links[1], "the key J leads to the next");
  await page.keyboard.press("k");
  same(await focused(page), links[0], "the key K leads back");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".pane.c h1");
  same(new URL(page.url()).pathname, links[0], "the address of the opened case");
  same(await page.locator(".queue li.sel a").getAttribute("href"), links[0], "marked in the queue");
}

async function opensAStepByItsNumber(page) {
  const summary = page.locator(".acts summary[data-key]").first();
  await page.keyboard.press(await summary.getAttribute("data-key"));
  expect(await page.locator(".acts details").first().evaluate((e) => e.open), "the first step is open");
  await page.keyboard.press("Escape");
  expect(!(await page.locator(".acts details").first().evaluate((e) => e.open)), "Esc closes it");
}

async function showsItsKeys(page) {
  await page.keyboard.press("?");
  expect(await page.locator("#keys-help").isVisible(), "the list of keys is shown");
  await page.keyboard.press("Escape");
  expect(!(await page.locator("#keys-help").isVisible()), "Esc closes the list of keys");
}

async function isToldWhatAStepNeeds(page, number) {
  await takeStep(page, number, "examine", {});
  same(await page.locator(".govuk-error-summary__list a").count(), 1, "problems told of an empty finding");
  expect(await page.locator("#examine").evaluate((e) => e.open), "the step is open again");
}

// By hand, as somebody would who knows the address: no button stands there.
async function sendStep(page, number, step) {
  const csrf = await page.locator("input[name=csrf]").first().inputValue();
  return page.context().request.post(`/desk/cases/${number}/steps/${step}`, {
    form: { csrf, once: `by-hand-${step}-${Date.now()}` }, maxRedirects: 0,
    headers: { Origin: new URL(page.url()).origin },
  });
}

async function cannotDecide(page, number) {
  await page.goto(`/desk/cases/${number}`);
  same(await page.locator("#approve").count(), 0, "offers to approve");
  const reply = await sendStep(page, number, "approve");
  expect([403, 409].includes(reply.status()), `approving by hand is refused, not ${reply.status()}`);
}

async function appoints(page, who) {
  await page.goto("/desk/accounts");
  await page.locator(`tr:has(td:text-is("${who.reviewer}")) a`).click();
  await page.waitForSelector("form[action$='/appoint']");
  const form = page.locator("form[action$='/appoint']");
  await fillIn(form, { role: "decider", body: who.body, place: who.area });
  await send(page, "form[action$='/appoint']");
  same(await page.locator(".govuk-error-summary").count(), 0, "problems with the appointment");
}

async function isHeldApart(page, number, who) {
  await page.goto("/desk/post");
  await Promise.all([page.waitForEvent("load"), page.locator(".post-button:not([aria-current])").first().click()]);
  await page.goto(`/desk/cases/${number}`);
  same(await page.locator("#approve").count(), 0, "offers to approve");
  expect(await page.locator(".blocked").count() >= 1, "the reason why not is told");
  const reply = await sendStep(page, number, "approve");
  same(reply.status(), 403, "approving by hand");
}

// Somebody else takes a step; the queue that lies open changes by itself, and the focus stays where it was.
async function hearsWhatOthersDo(page, other, number) {
  await page.goto("/desk");
  await page.keyboard.press("j");
  const before = await focused(page);
  const path = `/desk/cases/${number}`;
  same(await page.locator(`.queue a[href="${path}"]`).count(), 0, "the case waits before it was examined");
  await takeStep(other, number, "examine", { finding: "meets" });
  await page.locator(`.queue a[href="${path}"]`).waitFor({ timeout: 10_000 });
  same(await focused(page), before, "the focus");
  expect((await page.locator("#queue-news").textContent()).trim(), "a reader of the screen is told");
}

export async function deskStory(suite, house, looks, who) {
  const staff = new Staff(suite, house.browser, house.base, {});
  const clerk = await staff.as(who.clerk), busy = await staff.as(who.reviewer);
  await suite.promise("goes through the queue with J, K and Enter", () => goesThroughTheQueue(busy), { lone: true });
  await suite.promise("opens a step by its number", () => opensAStepByItsNumber(busy), { lone: true });
  await suite.promise("shows its keys", () => showsItsKeys(busy), { lone: true });
  await suite.promise("a case opened beside the queue is sound", () => looks.at(suite, busy, "beside the queue"), { lone: true });
  const number = house.windowCase;
  const reviewer = await staff.as(who.reviewer);
  await suite.promise("is told what a step needs", async () => {
    await isToldWhatAStepNeeds(reviewer, number);
    await looks.at(suite, reviewer, "with problems");
  });
  await suite.promise("who took it in cannot decide", () => cannotDecide(clerk, number));
  await suite.promise("an open queue hears what others do", async () => {
    await hearsWhatOthersDo(await staff.as(who.decider), reviewer, number);
  });
  await suite.promise("who examines it cannot decide", () => cannotDecide(reviewer, number));
  await suite.promise("cannot decide in a second post either", async () => {
    await appoints(await staff.as("system"), who);
    await isHeldApart(reviewer, number, who);
    await looks.at(suite, reviewer, "held apart");
  });
  await suite.promise("a second person decides", async () => {
    const decider = await staff.as(who.decider);
    await takeStep(decider, number, "approve");
    expect((await decider.textContent(".path")).length > 10, "the history is shown");
    same(await decider.locator("#approve").count(), 0, "offers to approve twice");
  });
  await staff.close();
}
