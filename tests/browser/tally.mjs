// tally.mjs -- counts promises kept and broken, and says each in one line.
//
// A suite is a row of promises in order; when one that the next ones stand on breaks, they are said to be "not
// reached" and count as broken, for nobody knows.  What the watched pages complained of (watch.mjs) breaks the
// promise during which it was heard.
const PATIENCE_MS = 30000;

export class Tally {
  constructor() {
    this.passed = 0;
    this.failed = 0;
    this.took = [];
  }

  kept(name) {
    this.passed++;
    console.log(`passed  ${name}`);
  }

  broken(name, why) {
    this.failed++;
    console.log(`failed  ${name}\n        ${String(why).split("\n").slice(0, 24).join("\n        ")}`);
  }
}

export class Suite {
  constructor(tally, name) {
    this.tally = tally;
    this.name = name;
    this.complaints = [];
    this.stopped = false;
  }

  complain(words) {
    this.complaints.push(words);
  }

  // One promise, named after what it promises.  With lone: true the next ones do not stand on it.
  async promise(name, work, { lone = false, seconds = PATIENCE_MS / 1000 } = {}) {
    const full = `${this.name}: ${name}`;
    const began = Date.now();
    if (this.stopped) return this.tally.broken(full, "not reached");
    try {
      await withinPatience(work(), seconds);
    } catch (fault) {
      this.stopped = !lone;
      this.complain(fault.stack?.includes("Unkept") ? fault.message : fault.stack ?? fault);
    }
    const heard = this.complaints.splice(0);
    if (heard.length) this.tally.broken(full, heard.join("\n"));
    else this.tally.kept(full);
    this.tally.took.push([Date.now() - began, full]);
  }
}

async function withinPatience(work, seconds) {
  let timer;
  const late = new Promise((_, refuse) => {
    timer = setTimeout(() => refuse(new Unkept(`took longer than ${seconds} s`)), seconds * 1000);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

export class Unkept extends Error {
  constructor(words) {
    super(words);
    this.name = "Unkept";
  }
}

export function expect(claim, words) {
  if (!claim) throw new Unkept(words);
}

export function same(found, wanted, what) {
  expect(found === wanted, `${what}: wanted ${JSON.stringify(wanted)}, found ${JSON.stringify(found)}`);
}
