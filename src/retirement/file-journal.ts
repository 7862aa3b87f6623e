import { type JournalEntry, journalEntry, type RetirementJournal } from '../port/retirement-journal.ts'
import { nodeFs } from '../values/built-ins.ts'
import { name } from '../values/kinds.ts'
import { requireOption } from '../values/options.ts'

/**
 * Makes a journal of erasures in a file, a line of JSON for each entry: for one machine, on another disk than the database.
 * An entry is on the disk once `append` returns. A line that was not written to its end is passed over: the call that wrote it
 * failed. The file is made with the first entry, for its owner alone.
 *
 * Throws `config_error` for a path that is no text.
 *
 * ```ts
 * const journal = fileJournal('/var/backups/erasures.jsonl')
 * ```
 */
export function fileJournal(path: string): RetirementJournal {
  requireOption(path, name, 'path')
  return {
    async append(entry) {
      const file = await nodeFs().promises.open(path, 'a', 0o600)
      try {
        // The first line break ends a line that another process left unfinished.
        await file.write(`\n${JSON.stringify(entry)}\n`)
        await file.sync()
      } finally {
        await file.close()
      }
    },
    async *read(since) {
      for await (const line of linesOf(path)) {
        const entry = entryOf(line)
        if (entry !== undefined && entry.at >= since) yield entry
      }
    },
  }
}

/** Yields the lines of a file; none where there is no file. */
async function* linesOf(path: string): AsyncGenerator<string> {
  const { promises, constants } = nodeFs()
  const isThere = await promises.access(path, constants.F_OK).then(
    () => true,
    () => false,
  )
  if (!isThere) return
  const file = await promises.open(path, 'r')
  try {
    yield* file.readLines({ encoding: 'utf8', autoClose: false })
  } finally {
    await file.close()
  }
}

function entryOf(line: string): JournalEntry | undefined {
  try {
    return journalEntry(JSON.parse(line))
  } catch {
    return undefined
  }
}
