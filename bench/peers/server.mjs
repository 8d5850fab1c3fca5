// server.mjs -- what a list of 50 and a durable insert cost as one would write them with Fastify and better-sqlite3.
//
// PORT, DB (made anew), ROWS (a recording of what one submission adds, see bench/record.py), PROCESSES.
//   GET  /list/KEY    50 rows by key, escaped into a page of about 12 kB
//   POST /create      reads a form, adds the rows of one submission in one transaction, synced
import cluster from 'node:cluster';
import fs from 'node:fs';
import Database from 'better-sqlite3';
import Fastify from 'fastify';

const LISTS = 20, ROWS_IN_LIST = 50;

function open() {
    const db = new Database(process.env.DB);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    return db;
}

// ------------------------------------------------------------------ the database

function recording() {
    const rows = [];
    for (const line of fs.readFileSync(process.env.ROWS, 'utf8').split('\n').filter(Boolean)) {
        const at = line.indexOf(' '), kind = at < 0 ? line : line.slice(0, at), value = line.slice(at + 1);
        if (kind === 'sql') rows.push({ sql: value, values: [] });
        else rows.at(-1).values.push({ kind: kind.replace('+', ''), varies: kind.endsWith('+'), value });
    }
    return rows;
}

function fill() {
    const db = open();
    db.exec(fs.readFileSync(process.env.ROWS + '.schema', 'utf8'));
    db.exec('CREATE TABLE listed (list INTEGER, n INTEGER, number TEXT, title TEXT, who TEXT, place TEXT, state TEXT,'
            + ' PRIMARY KEY (list, n)) WITHOUT ROWID');
    const add = db.prepare('INSERT INTO listed VALUES (?, ?, ?, ?, ?, ?, ?)');
    db.transaction(() => {
        for (let list = 1; list <= LISTS; list++)
            for (let n = 1; n <= ROWS_IN_LIST; n++)
                add.run(list, n, `510105-20261120-${String(list * 100 + n).padStart(6, '0')}-4`, '居住证 & 签注 "首次"',
                        '王**', '草堂街道 · 送仙桥社区', '待受理');
    })();
    db.close();
}

// ------------------------------------------------------------------ the list

const SPECIAL = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = text => String(text).replace(/[&<>"']/g, c => SPECIAL[c]);

const row = r => `<tr class="govuk-table__row"><td class="govuk-table__cell"><a class="govuk-link" href="/cases/${escape(r.number)}">`
    + `${escape(r.number)}</a></td><td>${escape(r.title)}</td><td>${escape(r.who)}</td><td>${escape(r.place)}</td>`
    + `<td>${escape(r.state)}</td></tr>\n`;

const page = (title, rows) => `<!doctype html>
<html lang="zh-Hans"><head><meta charset="utf-8"><title>${escape(title)}</title>
<link rel="stylesheet" href="/a/linli.css"></head><body><main><h1>${escape(title)}</h1>
<table class="govuk-table"><tbody>
${rows.map(row).join('')}</tbody></table></main></body></html>
`;

// ------------------------------------------------------------------ the insert

function varied(p, round) {
    if (p.kind === 'null') return null;
    if (p.kind === 'int') return BigInt(p.value) + (p.varies ? BigInt(round) : 0n);
    if (p.kind === 'bytes') {
        const bytes = Buffer.from(p.value, 'hex');
        if (p.varies && bytes.length >= 8)
            bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(round) * 0x9E3779B97F4A7C15n));
        return bytes;
    }
    return p.varies && p.value.length >= 12 ? p.value.slice(0, -12) + String(round).padStart(12, '0') : p.value;
}

function serve() {
    const db = open(), app = Fastify({ logger: false });
    const list = db.prepare('SELECT number, title, who, place, state FROM listed WHERE list = ? ORDER BY n');
    const rows = recording().map(r => ({ insert: db.prepare(r.sql), values: r.values }));
    let round = 100000000000 + (cluster.worker?.id ?? 0) * 10000000000;
    const create = db.transaction(() => {
        round++;
        for (const r of rows) r.insert.run(...r.values.map(p => varied(p, round)));
    });
    app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' },
                             (rq, body, done) => done(null, new URLSearchParams(body)));
    app.get('/list/:key', (rq, reply) =>
        reply.type('text/html; charset=utf-8').send(page('办件', list.all(rq.params.key))));
    app.post('/create', (rq, reply) => {
        if (!rq.body.get('applicant_name')) return reply.code(422).send();
        create();
        return reply.code(303).header('Location', `/cases/R${round}/receipt`).send();
    });
    app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
}

const processes = Number(process.env.PROCESSES ?? 1);
if (cluster.isPrimary) fill();
if (cluster.isPrimary && processes > 1)
    for (let n = 0; n < processes; n++) cluster.fork();
else serve();
