// story.mjs -- the whole story of a resident who has no account: finds, applies, errs, changes an answer, sends,
// follows, is asked for a paper, answers, collects, rates.  Told with scripts and without, in both profiles.
import { spawnSync } from "node:child_process";
import { fillIn, follow, send, takeStep } from "./forms.mjs";
import { tellsWhere } from "./picture.mjs";
import { modulesOf, readQr } from "./qr.mjs";
import { expect, same } from "./tally.mjs";
import { Staff, visitor } from "./watch.mjs";

const CODE = /[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}/;

// tools: { browser, base, picture, looks }; looks may be null, then pages are not looked at.
export class Story {
  constructor(suite, tools, who, options) {
    Object.assign(this, { suite, who, options, ...tools });
    this.scripts = options.javaScriptEnabled !== false;
    this.staff = new Staff(suite, this.browser, this.base, { locale: options.locale ?? "zh-CN" });
  }

  async begin() {
    this.context = await visitor(this.suite, this.browser, this.base, this.options);
    this.page = await this.context.newPage();
  }

  async end() {
    await this.staff.close();
    await this.context.close();
  }

  look(state) {
    return this.looks ? this.looks.at(this.suite, this.page, state) : null;
  }

  // ---------------------------------------------------------------- finding

  async findsWhatToApplyFor() {
    const { page, who } = this;
    await page.goto("/");
    same(await page.locator(".main-act").count(), 1, "main actions on the first page");
    await this.look();
    for (const words of who.searches) {
      await page.goto("/");
      await page.fill(".find input", words);
      await send(page, ".find");
      same(await page.locator(".doors a").first().getAttribute("href"), `/services/${who.item}`, `the first found for ${words}`);
    }
    await this.look("found");
    await page.goto(`/services?q=${encodeURIComponent(who.nothing)}`);
    same(await page.locator(".doors a").count(), 0, `found for ${who.nothing}`);
    await this.look("nothing found");
  }

  async readsWhatItTakes() {
    const { page, who } = this;
    await page.goto("/services");
    await this.look();
    await follow(page, `a[href="/services/${who.item}"]`);
    same(await page.locator(".main-act").count(), 1, "main actions of the item");
    await this.look();
    await follow(page, `a[href="/services/${who.item}/flow"]`);
    await this.look();
    await page.goBack();
    await send(page, "form[action$='/apply']");
    same(new URL(page.url()).pathname, "/apply/pages/1", "where the form begins");
    await this.look();
  }

  // ---------------------------------------------------------------- filling in

  async isToldWhatIsMissing() {
    const { page, who } = this;
    await send(page, "form[action='/apply/pages/1']");
    const links = page.locator(".govuk-error-summary__list a");
    same(await links.count(), Object.keys(who.answers[0]).length, "problems told of an empty page");
    await this.summaryIsFocused();
    await this.summaryLeadsToTheField(links.first());
    await this.look("with problems");
  }

  async summaryIsFocused() {
    const title = await this.page.title();
    expect(title.length > 3, "a page with problems has a title");
    if (!this.scripts) return;
    const focused = await this.page.evaluate(() => document.activeElement?.className ?? "");
    expect(focused.includes("govuk-error-summary"), `the summary is not focused but ${focused}`);
  }

  async summaryLeadsToTheField(link) {
    const { page } = this;
    const id = (await link.getAttribute("href")).slice(1);
    await link.click();
    if (this.scripts) {
      same(await page.evaluate(() => document.activeElement.id), id, "what the summary leads to");
      return;
    }
    same(new URL(page.url()).hash, `#${id}`, "where the summary leads to");
    same(await page.locator(`#${id}`).count(), 1, `fields with the id ${id}`);
  }

  async keepsWhatWasRight() {
    const { page, who } = this;
    const values = { ...who.answers[0], [who.wrong.name]: who.wrong.value };
    await fillIn(page.locator("form"), values);
    await send(page, "form[action='/apply/pages/1']");
    same(await page.locator(".govuk-error-summary__list a").count(), 1, "problems told");
    const described = await page.locator(`[name="${who.wrong.name}"]`).getAttribute("aria-describedby");
    expect(described.includes("-error"), "the wrong field is described by its message");
    same(await page.inputValue("[name=applicant_name]"), who.answers[0].applicant_name, "what was right");
    same(await page.inputValue(`[name="${who.wrong.name}"]`), who.wrong.value, "what was wrong is there to be corrected");
  }

  async answersEveryQuestion() {
    const { page, who } = this;
    await fillIn(page.locator("form"), who.answers[0]);
    await send(page, "form[action='/apply/pages/1']");
    await this.look("second");
    await fillIn(page.locator("form"), who.answers[1]);
    await send(page, "form[action='/apply/pages/2']");
    same(new URL(page.url()).pathname, "/apply/papers", "after the last question");
    await this.look("none sent");
    await page.goto("/apply");
    await this.look();
    await page.goto("/apply/papers");
  }

  // ---------------------------------------------------------------- papers

  async addPaper(file) {
    const box = `#paper-${this.who.paper} form.upload`;
    await this.page.setInputFiles(`${box} input[type=file]`, file);
    await send(this.page, box);
  }

  async isToldThatAFileIsNoPicture() {
    await this.addPaper({ name: "paper.jpg", mimeType: "image/jpeg", buffer: Buffer.from("not a picture at all") });
    same(await this.page.locator(".govuk-error-summary__list a").count(), 1, "problems told");
    await this.summaryLeadsToTheField(this.page.locator(".govuk-error-summary__list a").first());
    await this.look("with problems");
  }

  async sendsAPaperThatTellsNoPlace() {
    const { page, who } = this;
    expect(tellsWhere(this.picture), "the picture to be sent tells where it was taken");
    await this.addPaper({ name: "IMG_0001.JPG", mimeType: "image/jpeg", buffer: this.picture });
    const image = page.locator(`#paper-${who.paper} .paper-sent img`);
    same(await image.count(), 1, "papers shown");
    const small = await image.getAttribute("src");
    for (const path of [small, small.replace("thumbnail", "content")]) {
      const stored = await (await this.context.request.get(path)).body();
      expect(stored.length > 500 && stored[0] === 0xff && stored[1] === 0xd8, `${path} is a JPEG`);
      expect(!tellsWhere(stored), `${path} still tells where or by what it was taken`);
    }
    await this.look("one sent");
    await send(page, "form[action='/apply/papers-done']");
  }

  // ---------------------------------------------------------------- check and send

  async changesAnAnswer() {
    const { page, who } = this;
    same(new URL(page.url()).pathname, "/apply/check", "after the papers");
    await this.look();
    await follow(page, `a[href="/apply/pages/1#${who.change.name}"]`);
    await fillIn(page.locator("form"), { [who.change.name]: who.change.value });
    await send(page, "form[action='/apply/pages/1']");
    same(new URL(page.url()).pathname, "/apply/check", "after a changed answer");
    const row = page.locator(`.govuk-summary-list__row:has(a[href$="#${who.change.name}"])`);
    expect((await row.textContent()).includes(who.change.value), "the changed answer is shown");
  }

  async getsAReceipt() {
    const { page } = this;
    await send(page, "form[action='/apply/submit']");
    expect(/^\/cases\/[^/]+\/receipt$/.test(new URL(page.url()).pathname), `sent, and now at ${page.url()}`);
    this.number = new URL(page.url()).pathname.split("/")[2];
    const words = await page.textContent(".doc");
    expect(words.includes(this.number), "the receipt shows the number");
    this.code = CODE.exec(words)?.[0];
    expect(this.code, "the receipt shows the query code");
    expect(!page.url().includes(this.code), "the address does not hold the code");
    await this.look();
  }

  async receiptHasAQrThatKeepsItsSecret() {
    const svg = this.page.locator(".doc svg.qr");
    const path = await svg.locator("path").getAttribute("d");
    this.qr = readQr(modulesOf(await svg.getAttribute("viewBox"), path));
    same(this.qr, `${this.base}/follow#${this.number}.${this.code}`, "what the QR code says");
  }

  async receiptPrintsOnOnePage() {
    const { page } = this;
    await page.emulateMedia({ media: "print" });
    for (const hidden of [".top", ".foot", ".no-print"])
      expect(!(await page.locator(hidden).first().isVisible()), `${hidden} is not printed`);
    expect(await page.locator(".doc svg.qr").isVisible(), "the QR code is printed");
    const pdf = await page.pdf({ preferCSSPageSize: true });
    await page.emulateMedia({ media: null });
    const told = poppler("pdfinfo", pdf);
    expect(/^Pages:\s+1$/m.test(told), `the receipt prints on ${/Pages:\s+(\d+)/.exec(told)?.[1]} pages`);
    expect(/Page size:\s+59\d\.?\d* x 84\d/.test(told), `the receipt prints on A4: ${/Page size:.*/.exec(told)?.[0]}`);
  }

  async receiptIsAPdf() {
    for (const [kind, width] of [["pdf", /Page size:\s+59\d/], ["slip", /Page size:\s+22\d/]]) {
      const reply = await this.context.request.get(`/cases/${this.number}/receipt/${kind}`);
      same(reply.headers()["content-type"], "application/pdf", `what ${kind} is`);
      const bytes = await reply.body();
      expect(poppler("pdftotext", bytes, "-").includes(this.number), `${kind} shows the number`);
      expect(width.test(poppler("pdfinfo", bytes)), `${kind} has the width of its paper`);
    }
  }

  // ---------------------------------------------------------------- following

  async followsWithNumberAndCode() {
    const other = await visitor(this.suite, this.browser, this.base, this.options);
    const page = await other.newPage();
    await page.goto(`/cases/${this.number}`);
    same(new URL(page.url()).pathname, "/follow", "a stranger is led to");
    if (this.looks) await this.looks.at(this.suite, page);
    await fillIn(page.locator("form.follow"), { number: this.number, code: "0000-0000-0000-0000" });
    await send(page, "form.follow");
    same(await page.locator(".govuk-error-summary").count(), 1, "a wrong code is told");
    if (this.looks) await this.looks.at(this.suite, page, "with problems");
    await fillIn(page.locator("form.follow"), { number: this.number, code: this.code.toLowerCase() });
    await send(page, "form.follow");
    same(new URL(page.url()).pathname, `/cases/${this.number}`, "with number and code");
    await other.close();
  }

  async followsByTheQrCode() {
    const other = await visitor(this.suite, this.browser, this.base, this.options);
    const page = await other.newPage();
    if (!this.scripts) {
      await page.goto(this.qr);
      expect(await page.locator("#number").isVisible(), "without scripts the number can be typed");
      return other.close();
    }
    const asked = [];
    page.on("request", (request) => asked.push(request.url(), request.headers().referer ?? ""));
    await page.goto(this.qr);
    await page.waitForURL(`**/cases/${this.number}`);
    expect(!asked.some((url) => url.includes(this.code)), "no address that was asked for holds the code");
    return other.close();
  }

  async seesWhereItStands() {
    const { page } = this;
    await page.goto(`/cases/${this.number}`);
    same(await page.locator(".path .done").count(), 1, "what happened");
    same(await page.locator(".path .here").count(), 1, "where it is now");
    expect(await page.locator(".path .next").count() >= 2, "what comes");
    await this.look("sent");
  }

  // ---------------------------------------------------------------- asked for a paper

  async isAskedForAPaperOnce() {
    const { page, who } = this;
    const clerk = await this.staff.as(who.clerk);
    await takeStep(clerk, this.number, "ask", { papers_missing: who.paper, missing_note: who.note });
    await page.reload();
    const asked = await page.textContent(".now");
    expect(asked.includes(who.note), "the clerk's words are shown");
    same(await page.locator(".now .due").count(), 1, "until when");
    await this.look("asked");
  }

  async answersWithAPaper() {
    const { page, who } = this;
    await this.addPaper({ name: "IMG_0002.JPG", mimeType: "image/jpeg", buffer: this.picture });
    const stored = await page.locator(`#paper-${who.paper} .paper-sent img`).last().getAttribute("src");
    expect(!tellsWhere(await (await this.context.request.get(stored)).body()), "the answer tells no place");
    await this.look("asked, one sent");
    await send(page, ".now form[action$='/steps/answer']");
    same(await page.locator(".now").count(), 0, "nothing more is asked");
  }

  // ---------------------------------------------------------------- decided, collected, rated

  async isDecidedBySeveralPeople() {
    const { who, number } = this;
    await takeStep(await this.staff.as(who.clerk), number, "accept", { papers_received: who.paper });
    await takeStep(await this.staff.as(who.reviewer), number, "examine", { finding: "meets" });
    await this.page.reload();
    await this.look("under decision");
    await takeStep(await this.staff.as(who.decider), number, "approve");
    await takeStep(await this.staff.as(who.issuer), number, "produce");
    await this.page.reload();
    await this.look("to collect");
  }

  async readsItsDocuments() {
    const { page } = this;
    const links = await page.locator(".path a[href*='/documents/']").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
    expect(links.length >= 3, `documents in the history: ${links.length}`);
    for (const link of links) {
      await page.goto(link);
      expect((await page.textContent(".doc")).includes(this.number), `${link} shows the number`);
      await this.look();
      const pdf = await this.context.request.get(`${link}/pdf`);
      expect(poppler("pdftotext", await pdf.body(), "-").includes(this.number), `${link}/pdf shows the number`);
    }
  }

  async collectsAndRatesOnce() {
    const { page, who, number } = this;
    await takeStep(await this.staff.as(who.issuer), number, "deliver", { delivered_how: "window", delivered_to: "applicant" });
    await page.goto(`/cases/${number}`);
    const second = await this.context.newPage();
    await second.goto(`/cases/${number}`);
    await this.look("closed");
    await this.rate(page);
    same(await page.locator("form[action$='/steps/rate']").count(), 0, "after rating it is not asked again");
    await this.look("rated");
    await this.rate(second);
    same(await second.locator("form[action$='/steps/rate']").count(), 0, "a second rating from an old page is refused");
    await second.close();
  }

  async rate(page) {
    await fillIn(page.locator("form[action$='/steps/rate']"), { grade: "5" });
    await send(page, "form[action$='/steps/rate']");
  }

  async readsWhoLooked() {
    const { page } = this;
    const clerk = await this.staff.as(this.who.clerk);
    await clerk.goto(`/desk/cases/${this.number}`);
    await clerk.locator(".reveal > summary").first().click();
    await clerk.locator(".reveal[open] input[name=reason]").fill(this.who.note);
    await send(clerk, ".reveal[open] form");
    await page.goto(`/cases/${this.number}`);
    await follow(page, "a[href$='/looks']");
    expect((await page.textContent("main")).includes(this.who.note), "the reason is shown to the person concerned");
    await this.look();
  }

  async tell() {
    const { suite } = this;
    await suite.promise("finds by Chinese, pinyin and English what to apply for", () => this.findsWhatToApplyFor());
    await suite.promise("reads what it takes before beginning", () => this.readsWhatItTakes());
    await suite.promise("is told what is missing, and led there", () => this.isToldWhatIsMissing());
    await suite.promise("keeps what was right when one answer is wrong", () => this.keepsWhatWasRight());
    await suite.promise("answers every question", () => this.answersEveryQuestion());
    await suite.promise("is told that a file is no picture", () => this.isToldThatAFileIsNoPicture());
    await suite.promise("sends a paper that tells no place", () => this.sendsAPaperThatTellsNoPlace());
    await suite.promise("changes an answer and comes back to the check", () => this.changesAnAnswer());
    await suite.promise("gets a receipt with number and code", () => this.getsAReceipt());
    await suite.promise("the receipt's QR code keeps its secret after the #", () => this.receiptHasAQrThatKeepsItsSecret());
    await suite.promise("the receipt prints on one A4 page", () => this.receiptPrintsOnOnePage());
    await suite.promise("the receipt is a PDF and a slip", () => this.receiptIsAPdf());
    await suite.promise("follows with number and code", () => this.followsWithNumberAndCode());
    await suite.promise("follows by the QR code", () => this.followsByTheQrCode());
    await suite.promise("sees where it stands and what comes", () => this.seesWhereItStands());
    await suite.promise("is asked for a paper, with until when", () => this.isAskedForAPaperOnce());
    await suite.promise("answers with a paper", () => this.answersWithAPaper());
    await suite.promise("is decided on by several people", () => this.isDecidedBySeveralPeople());
    await suite.promise("reads every document", () => this.readsItsDocuments());
    await suite.promise("collects, and rates once", () => this.collectsAndRatesOnce());
    await suite.promise("reads who looked, and why", () => this.readsWhoLooked());
  }
}

function poppler(program, bytes, ...more) {
  const done = spawnSync(program, ["-", ...more], { input: bytes, encoding: "utf8" });
  expect(!done.error, `${program} is needed: install Debian's poppler-utils`);
  return done.stdout;
}
