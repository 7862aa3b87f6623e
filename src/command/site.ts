import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { CommandConfig, DialectName, MigrateOptions } from '../kysely/index.ts'
import type { Asked } from './arguments.ts'
import { loadKyselyEntry } from './kysely-entry.ts'
import { UsageError } from './usage-error.ts'

type Flags = Extract<Asked, { command: string }>['flags']

/** Loads the file that `--config` names. Throws `UsageError` where it cannot be loaded, or exports no options. */
export async function loadConfig(file: string | undefined, cwd: string): Promise<CommandConfig> {
  if (file === undefined) return {}
  const module: { readonly default?: unknown } = await import(pathToFileURL(resolve(cwd, file)).href).catch((error) => {
    throw new UsageError(`--config: the file cannot be loaded: ${error instanceof Error ? error.message : 'no error'}`)
  })
  if (!isOptions(module.default)) throw new UsageError('--config: the file has to export an object by default')
  return module.default
}

/** The functions of the library check the members, but for `connect`. */
function isOptions(value: unknown): value is CommandConfig {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return !('connect' in value) || typeof value.connect === 'function'
}

const dialects: readonly DialectName[] = ['postgres', 'mysql', 'sqlite', 'pglite']

/** Returns the options of the library: those of the file, over which flags win. */
export async function optionsFrom(config: CommandConfig, flags: Flags): Promise<MigrateOptions> {
  const { connect: _, ...options } = config
  const { prefix, schema, preset } = flags
  const named = flags.dialect ?? config.dialect
  const dialect = dialects.find((name) => name === named)
  if (dialect === undefined) throw new UsageError(`--dialect: give one of: ${dialects.join(', ')}`)
  if (preset !== undefined && preset !== 'open-edx') throw new UsageError('--preset: the one preset is open-edx')
  return {
    ...options,
    dialect,
    ...(prefix === undefined ? {} : { prefix }),
    ...(schema === undefined ? {} : { schema }),
    ...(preset === undefined ? {} : { tables: (await loadKyselyEntry()).openEdxTables }),
  }
}
