import { UserCoreError } from '../values/errors.ts'
import type { Issue } from '../values/issues.ts'
import { copyJson } from '../values/json.ts'
import type { PersonalDataSource } from './personal-data.ts'
import { sourceIssues } from './source-issues.ts'

/**
 * Declares a table of the host with data of people: what each column holds, how a row belongs to a person, and the
 * treatment of the rows when that person is erased. Names of columns that `columns` does not have are refused by the
 * compiler.
 *
 * ```ts
 * const orders = definePersonalData({
 *   source: 'orders',
 *   table: 'orders',
 *   subject: { user_id: 'customer_id' },
 *   columns: {
 *     id: 'key',
 *     customer_id: 'key',
 *     ordered_at: 'fact',
 *     phone: 'identifier',
 *     note: 'free_text',
 *     invoice: { meaning: 'personal', why: 'tax law', for: { days: 3650, since: 'ordered_at' } },
 *   },
 *   treatment: { erase: 'columns', emptied: { phone: null, note: '' } },
 * })
 * ```
 *
 * Returns a copy of the source. Throws `config_error` with every issue at once, each with its place: what is missing, of
 * another form, not a declared column (`unknown_field`) or reserved; a personal column that `erase: 'columns'` leaves
 * neither emptied nor retained (`required`); one that is both, or retained in rows that are deleted, and an emptied column
 * of the key or of `others` (`conflict`).
 */
export function definePersonalData<Column extends string>(
  source: PersonalDataSource<Column>,
): PersonalDataSource<Column> {
  refuse(sourceIssues(source), 'source')
  return copyJson(source)
}

/** The most sources of one site. */
const mostSources = 1000

/**
 * Returns copies of the sources of a host. Throws `config_error` that names the option, with every issue of every source,
 * and with each name that comes twice.
 */
export function requireSources(sources: unknown, option: string): readonly PersonalDataSource[] {
  return readSources(sources, option, () => true)
}

/** Returns copies of sources as `requireSources` does, those of the library among them. */
export function requireAnySources(sources: unknown, option: string): readonly PersonalDataSource[] {
  return readSources(sources, option, ({ code }) => code !== 'reserved_name')
}

function readSources(
  sources: unknown,
  option: string,
  counts: (issue: Issue) => boolean,
): readonly PersonalDataSource[] {
  if (!Array.isArray(sources)) refuse([{ pointer: '', code: 'not_a_list' }], option)
  const list = sources as readonly unknown[]
  if (list.length > mostSources) refuse([{ pointer: '', code: 'too_many', params: { max: mostSources } }], option)
  refuse(
    Array.from(list).flatMap((source, index) =>
      sourceIssues(source)
        .filter(counts)
        .map((issue) => ({ ...issue, pointer: `/${index}${issue.pointer}` })),
    ),
    option,
  )
  const copies = copyJson(list) as readonly PersonalDataSource[]
  const names = copies.map(({ source }) => source)
  refuse(
    names.flatMap((name, index): Issue[] =>
      names.indexOf(name) < index ? [{ pointer: `/${index}/source`, code: 'duplicate' }] : [],
    ),
    option,
  )
  return copies
}

function refuse(issues: readonly Issue[], option: string): void {
  if (issues.length === 0) return
  throw new UserCoreError('config_error', {
    params: { option },
    issues,
    detail: `${option} must be declared as definePersonalData takes it`,
  })
}
