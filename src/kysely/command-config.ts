import type { Kysely } from 'kysely'
import type { PersonalDataSource } from '../port/personal-data.ts'
import type { Waiver } from './coverage/coverage-problem.ts'
import type { DialectName } from './dialect.ts'
import type { NamingOptions } from './names.ts'

/**
 * The options of a site that its file for `npx usercore --config` exports by default: those of `kyselyRepository` and
 * `migrate`, and of `checkCoverage` where the site has declared its tables. A flag of the command line wins over them.
 *
 * ```ts
 * const config: CommandConfig = { dialect: 'postgres', prefix: 'people_', sources: [orders] }
 * ```
 */
export interface CommandConfig<DB = unknown> extends NamingOptions {
  readonly dialect?: DialectName
  /** Opens the database, in place of `--url`; the command closes it. */
  readonly connect?: () => Kysely<DB> | Promise<Kysely<DB>>
  /** The tables of the site with data of people: `check` compares them with the schema, `inventory` lists them. */
  readonly sources?: readonly PersonalDataSource[]
  /** Findings of `checkCoverage` that are known. */
  readonly waivers?: readonly Waiver[]
}
