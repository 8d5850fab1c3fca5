"""Files that people send: good ones, and ones that are not what they seem."""
import os
import struct
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))


def photo():
    """A small JPEG that lies on its side and tells where and with what it was taken."""
    with open(f"{HERE}/files/paper.jpg", "rb") as f:
        return f.read()


def png(width, height):
    """All black, one bit for each point: very large pictures are very small files."""
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    packer = zlib.compressobj(9)
    row = b"\0" * (1 + (width + 7) // 8)
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def pdf(extra=b""):
    body = (b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
            b"3 0 obj<</Type /Page /Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n")
    return body + b"trailer<</Root 1 0 R" + extra + b">>\n%%EOF\n"


FILES = {
    "photo.jpg": photo,
    "photo.png": lambda: png(64, 48),
    "half-a-photo.jpg": lambda: photo()[:len(photo()) // 2],
    "nearly-a-photo.jpg": lambda: photo()[:len(photo()) * 9 // 10],
    "half-a-photo.png": lambda: png(640, 480)[:-30],
    "huge-picture.png": lambda: png(12000, 12000),
    "paper.pdf": pdf,
    "long.pdf": lambda: pdf() + b"%" + b"x" * 700_000 + b"\n%%EOF\n",
    "very-long.pdf": lambda: pdf() + b"%" + b"x" * 11_000_000 + b"\n%%EOF\n",
    "locked.pdf": lambda: pdf(b"/Encrypt 9 0 R"),
    "acting.pdf": lambda: pdf(b"/OpenAction<</S/JavaScript/JS(app.alert())>>"),
    "half-a-paper.pdf": lambda: pdf()[:60],
    "page.html": lambda: b"<!doctype html><html><script>alert(1)</script></html>",
    "picture.svg": lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "nothing": lambda: b"",
}


def content_of(name):
    """A file by its name, or "13 MB" of nothing in particular."""
    words = name.split()
    if len(words) == 2 and words[1] == "MB":
        return b"\xff\xd8\xff\xe0" + b"x" * (int(words[0]) << 20)
    return FILES[name]()
