import { readFileSync } from 'node:fs'
import type { Kysely } from 'kysely'
import type { CommandConfig, MigrateOptions } from '../kysely/index.ts'
import { type Asked, readArguments } from './arguments.ts'
import { connectTo } from './connect.ts'
import { loadKyselyEntry } from './kysely-entry.ts'
import { loadConfig, optionsFrom } from './site.ts'
import { usage } from './usage.ts'
import { UsageError } from './usage-error.ts'

/** The surroundings of a call of the command line. */
export interface Surroundings {
  /** The folder to which paths belong, and whose drivers are used. */
  readonly cwd: string
  readonly env: { readonly DATABASE_URL?: string | undefined }
  /** Takes what was asked for. */
  readonly write: (text: string) => void
  /** Takes what went wrong. */
  readonly complain: (text: string) => void
}

/** The exit codes. */
const codes = { nothing: 0, found: 1, usage: 2, failed: 3 } as const

/** Runs a command, and returns its exit code. Throws nothing. */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  try {
    return await runAsked(readArguments(args), surroundings)
  } catch (error) {
    const isUsage = error instanceof UsageError || hasWrongOption(error)
    surroundings.complain(`usercore: ${messageOf(error)}\n${isUsage ? 'See npx usercore --help\n' : ''}`)
    return isUsage ? codes.usage : codes.failed
  }
}

async function runAsked(asked: Asked, surroundings: Surroundings): Promise<number> {
  const { cwd, env, write } = surroundings
  if ('print' in asked) {
    write(asked.print === 'help' ? usage : `${version()}\n`)
    return codes.nothing
  }
  const { command, flags } = asked
  const config = await loadConfig(flags.config, cwd)
  if (command === 'inventory') {
    const { inventoryMarkdown, userCoreSources } = await import('../index.ts')
    write(inventoryMarkdown([...userCoreSources, ...(config.sources ?? [])]))
    return codes.nothing
  }
  const options = await optionsFrom(config, flags)
  const { migrate, migrationSql } = await loadKyselyEntry()
  if (command === 'sql') {
    const { since } = flags
    const statements = await migrationSql({ ...options, ...(since === undefined ? {} : { since }) })
    write(statements.map((statement) => `${statement}\n`).join(''))
    return codes.nothing
  }
  const url = flags.url ?? env.DATABASE_URL
  const db = await (config.connect?.() ?? connectTo(options.dialect, { url, cwd, isNew: command === 'migrate' }))
  try {
    if (command === 'check') {
      const problems = await problemsOf(db, options, config)
      write(problems.map((problem) => `${problem}\n`).join(''))
      return problems.length === 0 ? codes.nothing : codes.found
    }
    write((await migrate(db, options)).map((step) => `${step}\n`).join(''))
    return codes.nothing
  } finally {
    await db.destroy()
  }
}

/** Returns the version of the package, of which this file is two folders deep, built or not. */
function version(): string {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version
}

/** Returns every difference between the database and the tables that the library and the site have declared, as a line. */
async function problemsOf(db: Kysely<unknown>, options: MigrateOptions, { sources }: CommandConfig): Promise<string[]> {
  const { checkCoverage, checkSchema, verifyMapping } = await loadKyselyEntry()
  const { users } = options
  const schema = await checkSchema(db, options)
  const mapping = users === undefined ? [] : await verifyMapping(db, { ...options, users })
  const coverage = sources === undefined ? [] : await checkCoverage(db, { ...options, sources })
  return [
    ...schema.map(({ code, name }) => `${code} ${name}`),
    ...mapping.map(
      ({ code, column, expected, actual }) => `${code} ${column ?? users?.table}: ${expected}; it is ${actual}`,
    ),
    ...coverage.map(({ code, sentence }) => `${code} ${sentence}`),
  ]
}

/** Tells whether an error of the library is about an option, and not about the database. */
function hasWrongOption(error: unknown): boolean {
  const { code, params } = Object(error) as { readonly code?: unknown; readonly params?: { readonly option?: unknown } }
  return code === 'config_error' && params?.option !== undefined
}

/** Returns what an error says, with the message of the driver behind that of the library. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no error was given'
  const { code } = error as { readonly code?: unknown }
  // Errors of several attempts to connect have no message of their own.
  const message = error.message || String(code ?? error.name)
  return error.cause instanceof Error ? `${message}: ${messageOf(error.cause)}` : message
}
