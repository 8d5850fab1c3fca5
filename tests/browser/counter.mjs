// counter.mjs -- a clerk at the window takes in the papers of a person who is there, by the keyboard alone; every
// key is counted.  A clerk types three keys a second; a Chinese character takes five with its choice.
import { expect, same } from "./tally.mjs";
import { DESK, PASSWORD, visitor } from "./watch.mjs";

const KEYS_A_SECOND = 3, KEYS_OF_A_HAN = 5, SECONDS_MAX = 90;

class Hands {
  constructor(page) {
    Object.assign(this, { page, keys: 0, stops: 0 });
  }

  async type(words) {
    for (const c of words) this.keys += /\p{Script=Han}/u.test(c) ? KEYS_OF_A_HAN : 1;
    await this.page.keyboard.type(words);
  }

  async press(key, times = 1) {
    for (let i = 0; i < times; i++) {
      this.keys++;
      if (key === "Tab") this.stops++;
      await this.page.keyboard.press(key);
    }
  }

  async pressAndWait(key) {
    await Promise.all([this.page.waitForEvent("load"), this.press(key)]);
  }

  at() {
    return this.page.evaluate(() => ({ name: document.activeElement.name ?? "", type: document.activeElement.type ?? "",
                                       value: document.activeElement.value ?? "" }));
  }

  // Tab until the field has the focus; a person at the keyboard sees it, so no more than a few stops are right.
  async reach(name) {
    for (let i = 0; i < 6; i++) {
      if ((await this.at()).name === name) return;
      await this.press("Tab");
    }
    expect(false, `the field ${name} is not reached within six tab stops`);
  }
}

async function answerField(hands, name, value) {
  await hands.reach(name);
  const { type } = await hands.at();
  if (type === "select-one") {
    for (let i = 0; i < 20 && (await hands.at()).value !== value; i++) await hands.press("ArrowDown");
    same((await hands.at()).value, value, `chosen for ${name} by the arrow keys`);
  } else if (type === "radio") {
    await hands.press("Space");
    for (let i = 0; i < 8 && (await hands.at()).value !== value; i++) await hands.press("ArrowDown");
    same((await hands.at()).value, value, `chosen for ${name} by the arrow keys`);
  } else if (type === "checkbox") {
    await hands.press("Space");
  } else {
    await hands.type(value);
  }
}

async function signInByKeys(page, login) {
  const hands = new Hands(page);
  await page.goto("/desk/sign-in");
  same((await hands.at()).name, "login", "the first field of the sign-in is ready");
  await hands.type(login);
  await hands.press("Tab");
  await hands.type(PASSWORD);
  await Promise.all([page.waitForURL("**/desk"), hands.press("Enter")]);
}

async function takeIn(hands, who) {
  const { page } = hands;
  await hands.pressAndWait("n");
  same(new URL(page.url()).pathname, "/desk/intake", "the key N leads to");
  await hands.type(who.initials);
  await hands.pressAndWait("Enter");
  same(new URL(page.url()).pathname, `/desk/intake/${who.item}`, "initials and Enter lead to");
  for (const [name, value] of Object.entries({ ...who.answers[0], ...who.answers[1] })) await answerField(hands, name, value);
  await hands.reach("agent_name");
  await hands.reach("papers_received");
  await hands.press("Space");
  await hands.reach("then");
  await hands.pressAndWait("Enter");
  expect(/^\/desk\/cases\/[^/]+\/receipt$/.test(new URL(page.url()).pathname), `taken in, and now at ${page.url()}`);
  return new URL(page.url()).pathname.split("/")[3];
}

export async function counterStory(suite, house, looks, who) {
  const context = await visitor(suite, house.browser, house.base, DESK);
  const page = await context.newPage();
  const hands = new Hands(page);
  await suite.promise("signs in by the keyboard alone", () => signInByKeys(page, who.clerk));
  await suite.promise("takes in and accepts by the keyboard alone, within ninety seconds", async () => {
    house.windowCase = await takeIn(hands, who);
    const seconds = hands.keys / KEYS_A_SECOND;
    console.log(`        ${hands.keys} keys, ${hands.stops} of them tab stops: ${seconds.toFixed(0)} s at three keys a second`);
    expect(seconds < SECONDS_MAX, `the intake takes ${seconds.toFixed(0)} s`);
  });
  await suite.promise("hands over a receipt with number and code", async () => {
    const words = await page.textContent(".doc");
    expect(words.includes(house.windowCase), "the receipt shows the number");
    expect(/[0-9A-Z]{4}(-[0-9A-Z]{4}){3}/.test(words), "the receipt shows the query code");
    await looks.at(suite, page);
  });
  await suite.promise("the case is accepted already", async () => {
    await page.goto(`/desk/cases/${house.windowCase}`);
    same(await page.locator("#accept").count(), 0, "offers to accept once more");
    await looks.at(suite, page, "accepted");
  });
  await context.close();
}
