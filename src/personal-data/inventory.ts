import { requireAnySources } from '../port/define-personal-data.ts'
import { meaningOf, type PersonalDataSource, type Retained } from '../port/personal-data.ts'
import { isPersonal, type Meaning } from '../port/tables.ts'

/**
 * Writes the record of processing (Art. 30 GDPR) of some sources as Markdown: the categories of data, and the time and
 * way of their erasure. Purposes, recipients and transfers are for the host to add. The same sources give the same text
 * in whatever order, so that a file of it can be compared in CI.
 *
 * ```ts
 * const record = inventoryMarkdown([...userCoreSources, orders])
 * ```
 *
 * Throws `config_error` for sources that `definePersonalData` would refuse, but for the names of `userCoreSources`.
 */
export function inventoryMarkdown(sources: readonly PersonalDataSource[]): string {
  const sorted = requireAnySources(sources, 'sources').toSorted((a, b) => (a.source < b.source ? -1 : 1))
  const blocks = [
    '# Record of personal data',
    legend,
    table(
      ['source', 'table', 'a row belongs to', 'when that person is erased'],
      sorted.map((source) => [source.source, code(placeOf(source)), ownerOf(source), treatmentOf(source)]),
    ),
    ...sorted.flatMap((source) => [
      `## ${source.source}`,
      table(
        ['column', 'holds', 'when the person is erased'],
        Object.entries(source.columns).map(([column, declared]) => [
          code(column),
          meaningOf(declared),
          outcomeOf(column, declared, source),
        ]),
      ),
    ]),
  ]
  return `${blocks.join('\n\n')}\n`
}

const legend = `A column holds something about the person (\`personal\`), a name of the person such as a username, an address or a phone
number (\`identifier\`), text that may mention any person (\`free_text\`), something about other people (\`others\`), the
name or order of a row (\`key\`), or a fact about the work of the system (\`fact\`).`

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |`).join('\n')
}

function cell(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|')
}

function code(name: string): string {
  return `\`${name}\``
}

function placeOf({ schema, table }: PersonalDataSource): string {
  return schema === undefined ? table : `${schema}.${table}`
}

function ownerOf({ subject }: PersonalDataSource): string {
  if ('user_id' in subject) return `the person whose id is in ${code(subject.user_id)}`
  if ('email' in subject) return `the person whose address is in ${code(subject.email)}`
  if ('username' in subject) return `the person whose username is in ${code(subject.username)}`
  return `the owner of the row of ${subject.through} that ${code(subject.column)} names`
}

function treatmentOf({ treatment }: PersonalDataSource): string {
  switch (treatment.erase) {
    case 'rows':
      return 'rows are deleted'
    case 'columns':
      return 'columns are emptied, rows stay'
    case 'step':
      return `the step ${code(treatment.by)} erases`
    case 'never':
      return `nothing: ${treatment.why}`
  }
}

function outcomeOf(column: string, declared: Meaning | Retained, { treatment }: PersonalDataSource): string {
  if (typeof declared !== 'string')
    return `is kept for ${declared.for.days} days, counted from ${code(declared.for.since)}: ${declared.why}`
  switch (treatment.erase) {
    case 'rows':
      return Object.hasOwn(treatment.redacted, column) ? 'is overwritten, then deleted' : 'is deleted'
    case 'columns':
      return Object.hasOwn(treatment.emptied, column) ? 'is emptied' : 'stays'
    case 'step':
      return isPersonal(declared) ? `is erased by the step ${code(treatment.by)}` : 'is left to that step'
    case 'never':
      return 'stays'
  }
}
