import { randomUUID } from 'node:crypto'
import {
  type ErasedChunk,
  mostCounted,
  type PersonalDataStore,
  type PersonNames,
  type SourceRow,
} from '../../../src/port/personal-data-store.ts'
import { StorageError } from '../../../src/port/repository.ts'
import type { PersonalDataUnderTest } from '../../../src/testing/index.ts'

type Given = PersonalDataUnderTest<unknown>
type PlantSources = (given: Given) => Given

/** Replaces some methods of a store, inside transactions too. */
function plant(wrap: (store: PersonalDataStore, given: Given) => Partial<PersonalDataStore>): PlantSources {
  return (given) => {
    const planted = (store: PersonalDataStore): PersonalDataStore => ({
      ...store,
      with: (transaction) => planted(store.with(transaction)),
      ...wrap(store, given),
    })
    return { ...given, store: planted(given.store) }
  }
}

/** Changes the rows that are read. */
const misreading = (change: (row: SourceRow, source: string) => SourceRow) =>
  plant(({ read }) => ({
    async read(source, person, page) {
      const { rows, next } = await read(source, person, page)
      return { rows: rows.map((row) => change(row, source)), next }
    },
  }))

const spelled = (person: PersonNames, change: (name: string) => string): PersonNames => ({
  ...person,
  usernames: person.usernames.map(change),
  emails: person.emails.map(change),
})

/** Does not show some texts. */
const hiding = (isHidden: (text: string) => boolean) =>
  plant(({ find }) => ({
    find: (source, person, { sought, ...search }) =>
      find(source, person, {
        ...search,
        sought: {
          ...sought,
          isTrace: (value, column) =>
            !isHidden(typeof value === 'string' ? value : JSON.stringify(value)) && sought.isTrace(value, column),
        },
      }),
  }))

/** Erases row by row on memory, past the rest of the store: what `change` makes of each row of the person. */
const withoutUnit = (rows: number): PlantSources =>
  plant(({ erase, read }, { statements }) => ({
    async erase(source, person, options) {
      for (let count = 0; count < rows; count++) await read(source, person, { limit: 1 })
      statements?.count()
      return erase(source, person, options)
    },
  }))

/** Faults by their effect, in groups of the contract of personal data. */
export const sourceFaults: Readonly<Record<string, Readonly<Record<string, PlantSources>>>> = {
  finding: {
    'a column is left out': misreading(({ seller: _, ...row }) => row),
    'moments have milliseconds': misreading((row) =>
      typeof row.placed_at === 'string' ? { ...row, placed_at: row.placed_at.replace('456Z', '000Z') } : row,
    ),
    'JSON is text': misreading((row) => ('address' in row ? { ...row, address: JSON.stringify(row.address) } : row)),
    'rows that lead over others are of no person': plant(({ read, count }) => ({
      read: async (source, person, page) =>
        source === 'wishes' ? { rows: [], next: null } : read(source, person, page),
      count: async (source, person) => (source === 'wishes' ? { rows: 0, latest: {} } : count(source, person)),
    })),
    'names count letter by letter': plant(({ read }) => ({
      async read(source, person, page) {
        const { rows, next } = await read(source, person, page)
        const names = [...person.emails, ...person.usernames]
        const isExact = (row: SourceRow) => {
          const name = row.email ?? row.username
          return name === undefined || names.includes(String(name))
        }
        return { rows: rows.filter(isExact), next }
      },
    })),
    'accents do not count': plant(({ read }) => ({
      async read(source, person, page) {
        const plain = await read(source, person, page)
        const others = await read(
          source,
          spelled(person, (name) => name.replace('a@', 'ä@')),
          page,
        )
        return source === 'letters' ? { rows: [...plain.rows, ...others.rows], next: plain.next } : plain
      },
    })),
    'the first name alone counts': plant(({ read, count }) => {
      const first = (person: PersonNames) => ({
        ...person,
        usernames: person.usernames.slice(0, 1),
        emails: person.emails.slice(0, 1),
      })
      return {
        read: (source, person, page) => read(source, first(person), page),
        count: (source, person) => count(source, first(person)),
      }
    }),
    'pages overlap': plant(({ read }) => ({
      async read(source, person, { after, limit }) {
        const all = await read(source, person, { limit: 1000 })
        const begin = after === undefined ? 0 : Number(after)
        const rows = all.rows.slice(begin, begin + limit)
        return { rows, next: rows.length < limit ? null : String(begin + limit) }
      },
    })),
    'a page ends the source': plant(({ read }) => ({
      read: async (source, person, page) => ({ ...(await read(source, person, page)), next: null }),
    })),
    'of a table without a key a page has as many rows as fit': plant(({ read }) => ({
      async read(source, person, page) {
        const { rows, next } = await read(source, person, page)
        return { rows: rows.slice(0, page.limit), next }
      },
    })),
    'the moment of others counts': plant(({ count }) => ({
      async count(source, person) {
        const counted = await count(source, person)
        const other = await count(source, { ...person, user_id: 8 })
        return { ...counted, latest: { ...counted.latest, ...other.latest } }
      },
    })),
    'all is counted': plant(({ count }) => ({
      async count(source, person) {
        const { rows, latest } = await count(source, person)
        return { rows: rows === mostCounted ? rows + 1 : rows, latest }
      },
    })),
    'an unknown source is empty': plant(({ read, count, sources }) => {
      const isKnown = (name: string) => sources.some(({ source }) => source === name)
      return {
        read: async (source, person, page) => (isKnown(source) ? read(source, person, page) : { rows: [], next: null }),
        count: async (source, person) => (isKnown(source) ? count(source, person) : { rows: 0, latest: {} }),
      }
    }),
  },

  searching: {
    'values are shown as text': plant(({ find }) => ({
      find: (source, person, { sought, ...search }) =>
        find(source, person, {
          ...search,
          sought: { ...sought, isTrace: (value, column) => sought.isTrace(JSON.stringify(value), column) },
        }),
    })),
    'rows of others are those of the person': plant(({ find }) => ({
      find: (source, _, search) => find(source, undefined, search),
    })),
    'rows of no person are left out': plant(({ find }, { rows }) => ({
      async find(source, person, search) {
        const found = await find(source, person, search)
        if (source !== 'lines' || person !== undefined) return found
        const orphans = (await rows('contract_lines')).filter(({ order_id }) => order_id === 99).length
        return { ...found, rows: found.rows - orphans }
      },
    })),
    'capital letters are others': hiding((text) => /[A-Z]/.test(text)),
    'what hides a text is left out': hiding((text) => /[^\0-\x7f]|[%\\]/.test(text)),
    'JSON is left out': hiding((text) => text.startsWith('{')),
    'the database decides': plant(({ find }) => ({
      find: (source, person, { sought, ...search }) =>
        find(source, person, {
          ...search,
          sought: {
            ...sought,
            isTrace: (value, column) =>
              sought.isTrace(value, column) ||
              sought.texts.some((text) => JSON.stringify(value).toLowerCase().includes(text)),
          },
        }),
    })),
    'a page ends the source': plant(({ find }) => ({
      find: async (source, person, search) => ({ ...(await find(source, person, search)), next: null }),
    })),
    'an empty table has a row': plant(({ find }) => ({
      async find(source, person, search) {
        const found = await find(source, person, search)
        return { ...found, rows: Math.max(found.rows, 1) }
      },
    })),
    'equal is what is written in the same way': plant(({ findEqual }, { rows }) => ({
      async findEqual(source, columns, values) {
        const found = await findEqual(source, columns, values)
        if (source !== 'letters' || found.email === undefined) return found
        const exact = (await rows('contract_letters')).filter(({ email }) => values.includes(String(email))).length
        return { ...found, email: exact }
      },
    })),
    'texts are no integers': plant(({ findEqual }) => ({
      async findEqual(source, columns, values) {
        const { user_id: _, ...found } = await findEqual(source, columns, values)
        return found
      },
    })),
  },

  erasing: {
    'nothing is erased': plant(({ count }) => ({
      erase: async (source, person) => ({ rows: (await count(source, person)).rows, next: null }),
    })),
    'rows of others go too': plant(({ erase }) => ({
      async erase(source, person, options) {
        const chunk = await erase(source, person, options)
        await erase(source, { user_id: 8, usernames: ['bob'], emails: ['bob@example.com'] }, options)
        return chunk
      },
    })),
    'rows of those with a similar name go too': plant(({ erase }) => ({
      async erase(source, person, options) {
        const chunk = await erase(source, person, options)
        await erase(
          source,
          spelled(person, (name) => name.replace('ada@', 'adä@')),
          options,
        )
        return chunk
      },
    })),
    'each value gets a pseudonym of its own': plant(({ erase }) => ({
      erase: (source, person, { pseudonym, ...options }) =>
        erase(source, person, { ...options, pseudonym: (value) => `${pseudonym(value)}${randomUUID()}` }),
    })),
    'a broken key goes unnoticed': plant(({ erase }) => ({
      erase: (source, person, options) =>
        erase(source, person, options).catch((): ErasedChunk => ({ rows: 0, next: null })),
    })),
    'rows that stay are counted as erased': plant(({ erase, count }) => ({
      async erase(source, person, options) {
        const chunk = await erase(source, person, options)
        return source === 'views' ? { ...chunk, rows: (await count(source, person)).rows } : chunk
      },
    })),
    'a key that is overwritten is lost': plant(({ erase }) => ({
      erase: (source, person, options) =>
        source === 'cards' ? Promise.reject(new StorageError('x', 'LOST')) : erase(source, person, options),
    })),
    'one chunk has all rows': plant(({ erase }) => ({
      async erase(source, person, { pseudonym, after }) {
        let rows = 0
        let next: string | null | undefined = after
        do {
          const chunk: ErasedChunk = await erase(source, person, { pseudonym, ...(next ? { after: next } : {}) })
          rows += chunk.rows
          next = chunk.next
        } while (next !== null)
        return { rows, next }
      },
    })),
    'the first chunk ends the source': plant(({ erase }) => ({
      erase: async (source, person, options) => ({ ...(await erase(source, person, options)), next: null }),
    })),
    'rows over others are left': plant(({ erase }) => ({
      erase: async (source, person, options) =>
        source === 'wishes' ? { rows: 0, next: null } : erase(source, person, options),
    })),
  },

  'in transactions': {
    'a store inside is the one outside': (given) => ({
      ...given,
      store: { ...given.store, with: () => given.store },
    }),
    'a failed chunk leaves part of itself': plant(({ erase }) => ({
      erase: (source, person, options) =>
        erase(source, person, options).catch(async (error: unknown) => {
          await erase('cards', person, options)
          throw error
        }),
    })),
    'changes inside are lost': (given) => ({
      ...given,
      transaction: (work) =>
        given
          .transaction(async (transaction) => {
            await work(transaction)
            throw new RangeError('lost')
          })
          .catch((error: unknown) => {
            if (!(error instanceof RangeError)) throw error
          }),
    }),
    'one call at a time': (given) => {
      let isBusy = false
      const alone = (store: PersonalDataStore): PersonalDataStore => ({
        ...store,
        async erase(source, person, options) {
          if (isBusy) throw new StorageError('erasure of a source', 'BUSY')
          isBusy = true
          try {
            return await store.erase(source, person, options)
          } finally {
            isBusy = false
          }
        },
      })
      return { ...given, store: { ...given.store, with: (transaction) => alone(given.store.with(transaction)) } }
    },
  },

  statements: {
    'rows are read one by one': plant(({ read }) => ({
      async read(source, person, page) {
        await read(source, person, { limit: 1 })
        return read(source, person, page)
      },
    })),
    'each row is a statement': withoutUnit(3),
  },

  failures: {
    'a chunk goes on after a failure': plant(({ erase }) => ({
      erase: (source, person, options) =>
        erase(source, person, options).catch(async (error: unknown) => {
          await erase(source, person, options)
          throw error
        }),
    })),
    'a failure passes for the end': plant(({ erase, read }) => ({
      erase: (source, person, options) =>
        erase(source, person, options).catch((): ErasedChunk => ({ rows: 0, next: null })),
      read: (source, person, page) => read(source, person, page).catch(() => ({ rows: [], next: null })),
    })),
    'errors hold the names': plant(({ read }) => ({
      read: (source, person, page) =>
        read(source, person, page).catch(() => Promise.reject(new StorageError(person.emails.join(), 'FAILED'))),
    })),
  },
}
