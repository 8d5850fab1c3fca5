// qr.mjs -- reads a QR code from the modules of its SVG: enough of ISO/IEC 18004 for codes that were drawn, not
// photographed, so no error correction is needed.  Versions 1 to 9 at level M: what page_qr makes of a link.
const BLOCKS = { // version: [check bytes of a block, [number of blocks, data bytes of each], ...]
  1: [10, [1, 16]], 2: [16, [1, 28]], 3: [26, [1, 44]], 4: [18, [2, 32]], 5: [24, [2, 43]],
  6: [16, [4, 27]], 7: [18, [4, 31]], 8: [22, [2, 38], [2, 39]], 9: [22, [3, 36], [2, 37]],
};
const ALIGNED = { 1: [], 2: [6, 18], 3: [6, 22], 4: [6, 26], 5: [6, 30], 6: [6, 34], 7: [6, 22, 38], 8: [6, 24, 42],
                  9: [6, 26, 46] };
const MASKS = [
  (i, j) => (i + j) % 2 === 0, (i) => i % 2 === 0, (i, j) => j % 3 === 0, (i, j) => (i + j) % 3 === 0,
  (i, j) => (Math.floor(i / 2) + Math.floor(j / 3)) % 2 === 0, (i, j) => ((i * j) % 2) + ((i * j) % 3) === 0,
  (i, j) => (((i * j) % 2) + ((i * j) % 3)) % 2 === 0, (i, j) => (((i + j) % 2) + ((i * j) % 3)) % 2 === 0,
];
const QUIET = 4, FORMAT_MASK = 0b101010000010010, LEVEL_M = 0;

// "M4 4h1v1h-1z…" with a quiet border of four.
export function modulesOf(viewBox, path) {
  const side = Number(viewBox.split(" ")[2]) - 2 * QUIET;
  const dark = Array.from({ length: side }, () => new Array(side).fill(false));
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) dark[y - QUIET][x - QUIET] = true;
  return dark;
}

function isFixed(version, side, i, j) {
  const corner = (i < 9 && j < 9) || (i < 9 && j >= side - 8) || (i >= side - 8 && j < 9);
  const number = version >= 7 && ((i < 6 && j >= side - 11) || (j < 6 && i >= side - 11));
  const last = side - 7;
  const aligned = ALIGNED[version].some((a) => ALIGNED[version].some((b) =>
    !((a === 6 && b === 6) || (a === 6 && b === last) || (a === last && b === 6))
    && Math.abs(i - a) <= 2 && Math.abs(j - b) <= 2));
  return corner || number || aligned || i === 6 || j === 6;
}

function formatOf(dark) {
  const at = [[8, 0], [8, 1], [8, 2], [8, 3], [8, 4], [8, 5], [8, 7], [8, 8], [7, 8], [5, 8], [4, 8], [3, 8], [2, 8],
              [1, 8], [0, 8]];
  const bits = at.reduce((sum, [i, j]) => (sum << 1) | (dark[i][j] ? 1 : 0), 0) ^ FORMAT_MASK;
  return { level: bits >> 13, mask: (bits >> 10) & 7 };
}

// Up and down in columns of two, from the right; the column of the timing pattern is skipped.
function bytesIn(dark, version, mask) {
  const side = dark.length, bytes = [];
  let bit = 0, byte = 0, up = true;
  for (let right = side - 1; right > 0; right -= 2, up = !up) {
    if (right === 6) right--;
    for (let n = 0; n < side * 2; n++) {
      const i = up ? side - 1 - (n >> 1) : n >> 1, j = right - (n & 1);
      if (isFixed(version, side, i, j)) continue;
      byte = (byte << 1) | (dark[i][j] !== MASKS[mask](i, j) ? 1 : 0);
      if (++bit % 8 === 0) { bytes.push(byte); byte = 0; }
    }
  }
  return bytes;
}

function dataOf(bytes, version) {
  const sizes = BLOCKS[version].slice(1).flatMap(([n, size]) => new Array(n).fill(size));
  const blocks = sizes.map(() => []);
  let at = 0;
  for (let n = 0; n < Math.max(...sizes); n++)
    sizes.forEach((size, b) => { if (n < size) blocks[b].push(bytes[at++]); });
  return blocks.flat();
}

// One stretch of text after another, each in its own mode: [bits of its length, how it is read].
class Bits {
  constructor(bytes) {
    this.text = bytes.map((b) => b.toString(2).padStart(8, "0")).join("");
    this.at = 0;
  }

  take(n) {
    this.at += n;
    return parseInt(this.text.slice(this.at - n, this.at), 2);
  }
}

function readDigits(bits, n) {
  let said = "";
  for (; n > 0; n -= 3) {
    const some = Math.min(n, 3);
    said += String(bits.take([0, 4, 7, 10][some])).padStart(some, "0");
  }
  return said;
}

function readCapitals(bits, n) {
  const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
  let said = "";
  for (; n > 1; n -= 2) {
    const two = bits.take(11);
    said += LETTERS[Math.floor(two / 45)] + LETTERS[two % 45];
  }
  return n ? said + LETTERS[bits.take(6)] : said;
}

function readBytes(bits, n) {
  return Buffer.from(Array.from({ length: n }, () => bits.take(8))).toString("utf8");
}

const MODES = { 1: [10, readDigits], 2: [9, readCapitals], 4: [8, readBytes] };

export function readQr(dark) {
  const version = (dark.length - 17) / 4;
  const { level, mask } = formatOf(dark);
  if (level !== LEVEL_M || !BLOCKS[version]) throw new Error(`a QR code of version ${version}, level ${level}`);
  const bits = new Bits(dataOf(bytesIn(dark, version, mask), version));
  let said = "";
  for (let mode = bits.take(4); mode; mode = bits.take(4)) {
    if (!MODES[mode]) throw new Error(`a QR code with a stretch in mode ${mode}`);
    said += MODES[mode][1](bits, bits.take(MODES[mode][0]));
  }
  return said;
}
