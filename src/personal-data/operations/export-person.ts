import type { PersonalDataStore, PersonNames, SourceRow } from '../../port/personal-data-store.ts'
import type { UserRow } from '../../port/tables.ts'
import { findPerson } from '../../retirement/operations/load-retirement.ts'
import { namesOfPerson } from '../../retirement/operations/person-names.ts'
import { ownRows } from '../../retirement/own-sources.ts'
import { complete } from '../../retirement/pipeline.ts'
import { ownWhom, requireHolderOr } from '../../runtime/authorize.ts'
import { type Core, contextOf, reportingAs } from '../../runtime/core.ts'
import { type Actor, hasRight } from '../../site/actor.ts'
import type { Whom } from '../../site/whom.ts'
import { nodeCrypto } from '../../values/built-ins.ts'
import { UserCoreError } from '../../values/errors.ts'
import { instantOf } from '../../values/instant.ts'
import { type ExportFormat, extensions, headOf, textOfRows } from '../export-format.ts'
import { type ExportedSource, exportedRow, exportedSources, withheldFields } from '../exported-sources.ts'
import {
  type ExportedFile,
  type ExportManifest,
  registryFingerprint,
  retainedCategories,
  schemaOfRows,
  withheldOf,
} from '../manifest.ts'

/** A file of an export, with its content. */
export interface ExportEntry {
  /** The name of the file: that of its source, or `manifest.json`. */
  readonly path: string
  /** The content, as it is read. It can be read once; what is left unread when the next file is asked for is gone. */
  readonly content: AsyncIterable<Uint8Array>
}

/** The form of an export, and a signal that breaks it off. */
export interface ExportOptions {
  /** `json`: a line of JSON for each row. `csv`: a line of CSV, below one with the names. Default `json`. */
  readonly format?: ExportFormat
  readonly signal?: AbortSignal
}

/** The rows of a page. */
const pageRows = 500

export async function* exportPerson(
  core: Core,
  actor: Actor,
  whom: Whom | undefined,
  { format = 'json', signal }: ExportOptions,
): AsyncGenerator<ExportEntry, void, undefined> {
  const holder = await requireHolderOr(core, actor, whom ?? ownWhom(actor), (actor) =>
    hasRight(actor, 'export_data', core.settings),
  )
  const user = await findPerson(core, holder)
  if (user === undefined) throw new UserCoreError('user_not_found')
  const { personalData, extendedProfile } = core
  const hostSources = personalData?.sources ?? []
  const now = () => instantOf(contextOf(core).now)
  const from = now()
  const person = await namesOfPerson(core, user)
  const files: ExportedFile[] = []
  for (const exported of exportedSources(hostSources, await isRetired(core, user))) {
    const path = `${exported.source.source}.${extensions[format]}`
    const file = fileOf(rowsOf(core, personalData, exported, person, signal), exported, format)
    yield { path, content: file.content() }
    files.push({ path, ...(await file.end()), schema: schemaOfRows(exported, extendedProfile) })
  }
  const manifest: ExportManifest = {
    version: 1,
    person: { user_id: user.id, username: user.username },
    format,
    from,
    to: now(),
    registry: registryFingerprint(hostSources),
    files,
    retained: retainedCategories(hostSources),
    not_exported: withheldOf(extendedProfile),
  }
  yield { path: 'manifest.json', content: once(Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)) }
}

/** Tells whether the retirement of a person is complete, or forgotten. */
async function isRetired({ repository }: Core, { id: user_id }: UserRow): Promise<boolean> {
  const [request] = await repository.select('retirement_requests', { user_id })
  if (request?.is_started !== true) return false
  const [retirement] = await repository.select('retirements', { user_id })
  return retirement === undefined || retirement.current_state === complete
}

/** Yields the rows of a source as they are exported, page by page. */
async function* rowsOf(
  core: Core,
  store: PersonalDataStore | undefined,
  exported: ExportedSource,
  person: PersonNames,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly SourceRow[], void, undefined> {
  const withheld = withheldFields(core.extendedProfile)
  const { source } = exported.source
  const shown = (rows: readonly SourceRow[]) =>
    rows.map((row) => exportedRow(exported, row, person.user_id, withheld)).filter((row) => row !== undefined)
  signal?.throwIfAborted()
  if (exported.isOwn) {
    const rows = (await ownRows(core.repository, source, person.user_id)) ?? []
    yield shown(rows as unknown as readonly SourceRow[])
    return
  }
  let next: string | null | undefined
  do {
    signal?.throwIfAborted()
    const page = await store?.read(source, person, {
      limit: pageRows,
      ...(typeof next === 'string' && { after: next }),
    })
    yield shown(page?.rows ?? [])
    next = page?.next ?? null
  } while (next !== null)
}

/** A file under way: its content, and the facts about it at its end. */
function fileOf(
  pages: AsyncGenerator<readonly SourceRow[], void, undefined>,
  { source, columns }: ExportedSource,
  format: ExportFormat,
) {
  const hash = nodeCrypto().createHash('sha256')
  let [rows, bytes] = [0, 0]
  let isFirst = true

  /** Returns the next piece; `undefined` at the end. */
  async function next(): Promise<Uint8Array | undefined> {
    const { done, value } = await reportingAs('internal_error', () => pages.next())
    if (done === true) return undefined
    rows += value.length
    const head = isFirst ? await headOf(format, columns) : ''
    isFirst = false
    const piece = Buffer.from(`${head}${await textOfRows(format, columns, value)}`)
    bytes += piece.length
    hash.update(piece)
    return piece
  }

  return {
    async *content(): AsyncGenerator<Uint8Array, void, undefined> {
      for (let piece = await next(); piece !== undefined; piece = await next()) {
        if (piece.length > 0) yield piece
      }
    },
    /** Reads what is left, so that the manifest knows the whole file. */
    async end() {
      while ((await next()) !== undefined);
      return { source: source.source, rows, bytes, sha256: hash.digest('hex') }
    },
  }
}

async function* once(piece: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield piece
}
