import type { TableName, Tables, UserId } from '../port/tables.ts'

/** One table. Its rows are replaced, never changed. */
export interface MemoryTable<Name extends TableName = TableName> {
  /** Rows by primary key, which is the JSON text of its values. */
  readonly rows: Map<string, Tables[Name]>
  /** The values of unique keys that are taken, as text. */
  readonly taken: Set<string>
}

/** All tables of a memory repository. */
export interface MemoryStore {
  /** Returns a table to read. */
  table<Name extends TableName>(name: Name): MemoryTable<Name>
  /** Returns a table to change. */
  writable<Name extends TableName>(name: Name): MemoryTable<Name>
  /** Returns the next id of a person; an id is never given twice. */
  nextUserId(): UserId
  /** Makes sure that `nextUserId` never returns this id. */
  usedUserId(id: unknown): void
}

/** Changes on top of a store, seen through the draft alone until they are published. */
export interface MemoryDraft extends MemoryStore {
  /** Puts the changes into the store below. */
  publish(): void
}

type MemoryTables = { [Name in TableName]?: MemoryTable<Name> }

/** Makes an empty store, whose ids are numbers or, as text, UUIDs. */
export function memoryStore(idType: 'integer' | 'text'): MemoryStore {
  const tables: MemoryTables = {}
  let lastUserId = 0
  function table<Name extends TableName>(name: Name): MemoryTable<Name> {
    const known: MemoryTable<Name> = (tables as { [N in Name]?: MemoryTable<N> })[name] ?? {
      rows: new Map(),
      taken: new Set(),
    }
    Object.assign(tables, { [name]: known })
    return known
  }
  return {
    table,
    writable: table,
    nextUserId: () => (idType === 'integer' ? ++lastUserId : crypto.randomUUID()),
    usedUserId(id) {
      if (typeof id === 'number') lastUserId = Math.max(lastUserId, id)
    },
  }
}

/** Makes a draft on top of a store or of another draft. A table is copied when it is first changed. */
export function memoryDraft(base: MemoryStore): MemoryDraft {
  const changed: MemoryTables = {}
  const changedTable = <Name extends TableName>(name: Name) => (changed as { [N in Name]?: MemoryTable<N> })[name]
  return {
    table: (name) => changedTable(name) ?? base.table(name),
    writable(name) {
      const { rows, taken } = base.table(name)
      const copy = changedTable(name) ?? { rows: new Map(rows), taken: new Set(taken) }
      Object.assign(changed, { [name]: copy })
      return copy
    },
    nextUserId: base.nextUserId,
    usedUserId: base.usedUserId,
    publish() {
      for (const name of Object.keys(changed) as TableName[]) {
        const [from, to] = [changed[name] as MemoryTable, base.writable(name) as MemoryTable]
        to.rows.clear()
        to.taken.clear()
        for (const [key, row] of from.rows) to.rows.set(key, row)
        for (const key of from.taken) to.taken.add(key)
      }
    },
  }
}
