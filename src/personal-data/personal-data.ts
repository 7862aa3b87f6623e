import { checkedOperations } from '../runtime/checked-operations.ts'
import type { Core } from '../runtime/core.ts'
import type { Actor } from '../site/actor.ts'
import type { Whom } from '../site/whom.ts'
import { personalDataArguments } from './arguments.ts'
import { type ExportEntry, type ExportOptions, exportPerson } from './operations/export-person.ts'

/** The data of a person, in the tables of the library and in those that the host declares (`personalData`). */
export interface PersonalDataOperations {
  /**
   * Yields everything about a person as files, one for each source, and `manifest.json` at the end: the person, the moments
   * of the first and the last page, a fingerprint of the declared sources, for each file its rows, bytes, SHA-256 and JSON
   * Schema, what is kept after a retirement with the grounds, and the fields that are declared with `exported`. For the
   * person themselves (the default of `whom`), and with the right `export_data`.
   *
   * Sections of staff and systems are in it too. Left out are facts about the work of the library, hashes of keys and
   * columns about others; ids of other people are null. A file is read page by page as its content is taken, each page of one
   * moment; tables of the library are one page each. After a retirement what is retained is all there is.
   *
   * Throws `user_not_found`; `internal_error` whose cause is the reason of the signal, once `signal` has aborted.
   *
   * ```ts
   * for await (const { path, content } of users.personalData.export(ada)) {
   *   let bytes = 0
   *   for await (const piece of content) bytes += piece.length
   *   console.log(path, bytes)
   * }
   * ```
   */
  export(actor: Actor, whom?: Whom, options?: ExportOptions): AsyncGenerator<ExportEntry, void, undefined>
}

/** Makes the operations on data of people over a core. */
export function personalDataOperations<Transaction>(core: Core<Transaction>): PersonalDataOperations {
  return checkedOperations<PersonalDataOperations>(core, 'personalData', personalDataArguments, {
    export: (actor, whom, options = {}) => exportPerson(core, actor, whom, options),
  })
}
