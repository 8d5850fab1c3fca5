// run.mjs -- the browser tests: residents and clerks at work on a fresh demonstration district.
//
//     usage: LINLI=build/release/linli node tests/browser/run.mjs [PART OF A SUITE'S NAME ...]
import { counterStory } from "./counter.mjs";
import { deskStory } from "./desk.mjs";
import { openDistrict } from "./district.mjs";
import { Looks } from "./look.mjs";
import { QINGYANG, TOWN } from "./people.mjs";
import { deskPages, nonePassedOver, residentPages } from "./pages.mjs";
import { photographedPaper } from "./picture.mjs";
import { Story } from "./story.mjs";
import { Suite, Tally } from "./tally.mjs";
import { DESK, PHONE, openBrowser } from "./watch.mjs";

const wanted = process.argv.slice(2);
const began = Date.now();

const asked = (name) => !wanted.length || wanted.some((part) => name.includes(part));

async function story(house, name, who, options, looks) {
  if (!asked(name)) return;
  const told = new Story(new Suite(house.tally, name), { ...house, looks }, who, options);
  await told.begin();
  await told.tell();
  await told.end();
}

// The two lanes run beside each other, one for each core.
async function stories(house, looks) {
  await story(house, "resident", QINGYANG, PHONE, looks);
  await story(house, "no-scripts", QINGYANG, { ...PHONE, javaScriptEnabled: false }, null);
  await story(house, "english", QINGYANG, { ...DESK, locale: "en-GB" }, looks);
}

async function pages(house, looks) {
  const suite = (name) => new Suite(house.tally, name);
  if (asked("counter") || asked("desk") || asked("desk-pages")) await counterStory(suite("counter"), house, looks, QINGYANG);
  if (asked("desk-pages")) await deskPages(suite("desk-pages"), house, looks, QINGYANG);
  if (asked("resident-pages")) await residentPages(suite("resident-pages"), house, looks, QINGYANG);
}

async function main() {
  const tally = new Tally();
  const browser = await openBrowser();
  const district = await openDistrict("cn-qingyang");
  const picture = await photographedPaper(browser);
  const looks = new Looks(await (await fetch(`${district.base}/openapi`)).json());
  const house = { tally, browser, picture, base: district.base };
  try {
    await Promise.all([stories(house, looks), pages(house, looks)]);
    // Last, for here somebody is appointed to a second post.
    if (asked("desk")) await deskStory(new Suite(tally, "desk"), house, looks, QINGYANG);
    if (!wanted.length) await nonePassedOver(new Suite(tally, "pages"), looks);
  } finally {
    await browser.close();
    await district.stop();
  }
  tally.took.sort((a, b) => b[0] - a[0]);
  if (process.env.TOOK) for (const [ms, name] of tally.took.slice(0, 25)) console.log(`${String(ms).padStart(6)} ms  ${name}`);
  console.log(`${((Date.now() - began) / 1000).toFixed(1)} s`);
  console.log(`${tally.passed} passed, ${tally.failed} failed`);
  process.exitCode = tally.failed ? 1 : 0;
}

await main();
