import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { knownShortfalls } from './known-shortfalls.ts'
import { known, limits, type Measured, type MeasuredOn, type Result, shortfalls } from './limits.ts'

const databases = ['sqlite', 'postgres', 'mariadb', 'mysql'] as const

type Limit = { least?: true; of: Record<string, number>; statements?: Record<string, number> }

/** Every row, exactly at its limit. */
const atLimits: readonly Result[] = [...databases, 'none' as const].flatMap((database) =>
  Object.entries(limits).flatMap(([job, limit]) => {
    const { of, statements } = limit as unknown as Limit
    const family = database === 'mariadb' ? 'mysql' : database
    const value = of[family]
    return value === undefined ? [] : [rowOf(job, database, value, statements?.[family])]
  }),
)

function rowOf(job: string, database: MeasuredOn, value: number, statements?: number): Result {
  return { job, database, medians: {}, unit: 'ms', value, ...(statements !== undefined && { statements }) }
}

/** Returns what falls short when one row is replaced. */
function shortWith(index: number, ...rows: readonly Result[]): string[] {
  return shortfalls({ databases, results: atLimits.toSpliced(index, 1, ...rows) })
}

/** Runs the check on a file. Returns its exit code and what it printed. */
function checkFile(results: readonly Result[]): { readonly code: number; readonly text: string } {
  const folder = mkdtempSync(join(tmpdir(), 'usercore-bench-'))
  const file = join(folder, 'b.json')
  const measured: Measured = { machine: '', people: 1, databases, results }
  writeFileSync(file, JSON.stringify(measured))
  try {
    const text = execFileSync(process.execPath, [join(import.meta.dirname, 'check.ts'), file], { encoding: 'utf8' })
    return { code: 0, text }
  } catch (error) {
    return { code: Number(Reflect.get(Object(error), 'status')), text: String(Reflect.get(Object(error), 'stdout')) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('the check of a benchmark', () => {
  it('finds nothing where every row is at its limit', () =>
    expect(shortfalls({ databases, results: atLimits })).toEqual([]))

  it.each(atLimits.map((row, index) => ({ ...row, index })))('finds $job on $database', ({ index, ...row }) => {
    const isLeast = (limits as unknown as Record<string, Limit>)[row.job]?.least === true
    const [short, better] = isLeast ? [0.99, 1.01] : [1.01, 0.99]
    const isKnown = knownShortfalls.some(
      ({ job, databases: on }) => job === row.job && on.some((at) => at === row.database),
    )
    const name = `${row.job} on ${row.database}: `
    expect(shortWith(index, { ...row, value: row.value * short })).toEqual(
      isKnown ? [] : [expect.stringContaining(name)],
    )
    expect(shortWith(index, { ...row, value: row.value * better })).toEqual([])
    expect(shortWith(index, { ...row, value: Number.NaN })).toEqual([expect.stringContaining(name)])
    expect(shortWith(index)).toEqual([`${name}was not measured`])
    const { statements, ...others } = row
    if (statements === undefined) return
    expect(shortWith(index, { ...row, statements: statements + 1 })).toEqual([expect.stringContaining(name)])
    expect(shortWith(index, others)).toEqual([expect.stringContaining(name)])
  })

  const places = knownShortfalls.flatMap(({ databases: on, ...others }) =>
    on.map((database) => ({ ...others, database })),
  )

  it.each(places)('takes $job on $database as known up to its bound', ({ job, database, bound, tried, cost }) => {
    const { least, statements } = (limits as unknown as Record<string, Limit>)[job] as Limit
    const atBound = rowOf(job, database, bound, statements?.mysql)
    const beyond = { ...atBound, value: bound * (least ? 0.99 : 1.01) }
    expect(shortfalls({ databases: [], results: [atBound] }).filter((line) => line.includes(database))).toEqual([])
    expect(known({ results: [atBound] })).toEqual([expect.stringContaining(`${tried} ${cost}`)])
    expect(shortfalls({ databases: [], results: [beyond] }).filter((line) => line.includes(database))).toHaveLength(1)
  })

  it('takes no shortfall of PostgreSQL or SQLite as known', () =>
    expect(places.filter(({ database }) => !['mariadb', 'mysql'].includes(database))).toEqual([]))

  it('finds a row that has no limit', () =>
    expect(shortfalls({ databases, results: [...atLimits, rowOf('bake a cake', 'sqlite', 0)] })).toEqual([
      'bake a cake on sqlite: has no limit',
    ]))

  it('asks for no rows of a database that was not measured', () => {
    const results = atLimits.filter(({ database }) => ['sqlite', 'none'].includes(database))
    expect(shortfalls({ databases: ['sqlite'], results })).toEqual([])
  })

  it('exits with 1 and the rows that fall short, otherwise with 0', () => {
    expect(checkFile(atLimits)).toEqual({ code: 0, text: `${atLimits.length} rows, 0 shortfalls\n` })
    const [first, ...others] = atLimits
    const planted = checkFile([...others, ...(first === undefined ? [] : [{ ...first, value: Number.NaN }])])
    expect(planted.code).toBe(1)
    expect(planted.text).toContain(`${first?.job} on ${first?.database}`)
    expect(checkFile([]).code).toBe(1)
  })
})
