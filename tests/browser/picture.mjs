// picture.mjs -- a photographed paper as a telephone makes it: a JPEG that tells where it was taken and by what.
const ASCII = 2, LONG = 4, RATIONAL = 5;
export const MAKER = "Sampletel Nine";

function entry(tag, type, count, value) {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt16LE(tag, 0);
  bytes.writeUInt16LE(type, 2);
  bytes.writeUInt32LE(count, 4);
  if (typeof value === "number") bytes.writeUInt32LE(value, 8);
  else bytes.write(value, 8, "latin1");
  return bytes;
}

function folder(entries) {
  const head = Buffer.alloc(2);
  head.writeUInt16LE(entries.length, 0);
  return Buffer.concat([head, ...entries, Buffer.alloc(4)]);
}

function degrees(d, m, s) {
  const bytes = Buffer.alloc(24);
  [d, 1, m, 1, s, 1].forEach((n, i) => bytes.writeUInt32LE(n, i * 4));
  return bytes;
}

// Exif 2.3: a TIFF with the maker and a folder of GPS values, in Chengdu.
function exif() {
  const make = Buffer.from(`${MAKER}\0`, "latin1");
  const head = Buffer.from([0x49, 0x49, 0x2a, 0, 8, 0, 0, 0]);
  const firstSize = 2 + 2 * 12 + 4, gpsAt = 8 + firstSize + make.length, valuesAt = gpsAt + 2 + 4 * 12 + 4;
  const first = folder([entry(0x010f, ASCII, make.length, 8 + firstSize), entry(0x8825, LONG, 1, gpsAt)]);
  const gps = folder([entry(1, ASCII, 2, "N"), entry(2, RATIONAL, 3, valuesAt), entry(3, ASCII, 2, "E"),
                      entry(4, RATIONAL, 3, valuesAt + 24)]);
  return Buffer.concat([Buffer.from("Exif\0\0", "latin1"), head, first, make, gps, degrees(30, 40, 1), degrees(104, 2, 59)]);
}

function withExif(jpeg) {
  const body = exif();
  const head = Buffer.from([0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, body, jpeg.subarray(2)]);
}

export function tellsWhere(jpeg) {
  return ["Exif", MAKER, "http://ns.adobe.com/xap"].some((mark) => jpeg.includes(Buffer.from(mark, "latin1")));
}

// Drawn by the browser on a blank page, so that it is a whole and ordinary picture.
export async function photographedPaper(browser) {
  const page = await browser.newPage();
  const url = await page.evaluate(() => {
    const canvas = document.createElement("canvas");
    canvas.width = 1200;
    canvas.height = 1600;
    const draw = canvas.getContext("2d");
    draw.fillStyle = "#fffdf6";
    draw.fillRect(0, 0, 1200, 1600);
    draw.fillStyle = "#222";
    draw.font = "64px sans-serif";
    ["样本", "临时救助申请", "张测试"].forEach((line, i) => draw.fillText(line, 120, 200 + i * 120));
    return canvas.toDataURL("image/jpeg", 0.85);
  });
  await page.close();
  return withExif(Buffer.from(url.split(",")[1], "base64"));
}
