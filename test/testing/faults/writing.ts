import type { Repository } from '../../../src/port/repository.ts'
import type { UserId, UserRow } from '../../../src/port/tables.ts'
import type { NamedUser, Where, Write } from '../../../src/port/write.ts'
import { sampleRows } from '../../../src/testing/contract/sample-rows.ts'
import { userRow } from '../../../src/testing/rows.ts'
import { type Faults, oneByOne, type Plant, plant, rewriting, rewritingEach, rowsFor, type Wrap } from './plant.ts'

/** Adds a number to a name that is taken. */
const takenNamesAreChanged: Wrap = ({ insertUser }) => {
  let number = 0
  return {
    async insertUser(user, rest, inside) {
      const id = await insertUser(user, rest, inside)
      if (id !== undefined) return id
      const [username_key, email_key] = [user.username_key, user.email_key].map((key) => `${key}${++number}`)
      return insertUser({ ...user, username_key: username_key ?? '', email_key: email_key ?? '' }, rest, inside)
    },
  }
}

/** Numbers people in its own way. */
const numbering = (next: (users: readonly UserRow[]) => number): Plant =>
  plant((repository) => ({
    async insertUser(user, rest, inside) {
      const id = next(await repository.select('users', {}))
      const stored = await repository.commit(
        [{ insert: 'users', rows: [{ ...user, id }] }, ...rest(id)],
        inside && ((transaction) => inside(transaction, id)),
      )
      return stored ? id : undefined
    },
  }))

const greatest = (ids: readonly UserId[]) => Math.max(0, ...ids.map(Number))

/** Runs code inside once the unit is stored. */
const insideComesLate: Wrap = (repository) => ({
  async insertUser(user, rest, inside) {
    const id = await repository.insertUser(user, rest)
    if (id !== undefined) await repository.commit([], async (transaction) => inside?.(transaction, id))
    return id
  },
  async commit(writes, inside) {
    return (await repository.commit(writes)) && repository.commit([], inside)
  },
})

const firstOf = <Value>(value: Value | readonly Value[]) => (Array.isArray(value) ? value.slice(0, 1) : value)

/** Changes the conditions of updates and deletes. */
const withWhere = (write: Write, change: (where: Where<'outbox'>) => object): Write =>
  'where' in write ? ({ ...write, where: change(write.where as Where<'outbox'>) } as Write) : write

/** Makes an upsert of an insert. */
const replacing = (write: Write): Write =>
  'insert' in write ? ({ upsert: write.insert, rows: write.rows } as Write) : write

/** Adds the rows that a unit references, where they do not exist. */
const makingUp = (missing: (write: Write, repository: Repository) => Promise<readonly Write[]>): Plant =>
  plant((repository) => ({
    async commit(writes, inside) {
      const before = await Promise.all(writes.map((write) => missing(write, repository)))
      return repository.commit([...before.flat(), ...writes], inside)
    },
  }))

/** Converts rows through JSON, which drops members and makes numbers null. */
function madeStorable(write: Write): Write {
  try {
    return 'rows' in write ? ({ ...write, rows: JSON.parse(JSON.stringify(write.rows)) } as Write) : write
  } catch {
    return write
  }
}

/** Faults of writes without other callers. */
export const writingFaults: Faults = {
  people: {
    'no person has an address': plant(({ findAccounts }) => ({
      findAccounts: async (by) => ('email_keys' in by ? [] : findAccounts(by)),
    })),
    'ids have another type than the repository names': plant(() => ({ idType: 'text' })),
    'the rest of a unit is made with another id': plant(({ insertUser }) => ({
      insertUser: (user, rest, inside) => insertUser(user, () => rest(0), inside),
    })),
    'a name that is taken is changed': plant(takenNamesAreChanged),
    'the rest of a unit is stored after the person': plant((repository) => ({
      async insertUser(user, rest, inside) {
        const id = await repository.insertUser(user, () => [], inside)
        return id !== undefined && (await repository.commit(rest(id))) ? id : undefined
      },
    })),
    'code inside runs once the person is stored': plant(insideComesLate),
    'ids go on from the greatest that is there': numbering((users) => greatest(users.map(({ id }) => id)) + 1),
    'ids go on from the last that was there': numbering((users) => greatest(users.slice(-1).map(({ id }) => id)) + 1),
  },

  units: {
    'null is a value of unique keys': plant((repository) => ({
      async commit(writes, inside) {
        const rows = writes.flatMap((write) => rowsFor('insert', 'retirement_receipts', write))
        return rows.filter(({ sequence }) => sequence === null).length < 2 && repository.commit(writes, inside)
      },
    })),
    'writes are applied backwards': rewriting((writes) => writes.toReversed()),
    'a unit without writes is stopped': plant(({ commit }) => ({
      commit: async (writes, inside) => writes.length > 0 && commit(writes, inside),
    })),
    'insert replaces': rewritingEach(replacing),
    'only primary keys are unique': plant(({ commit }) => ({
      async commit(writes, inside) {
        if (await commit(writes, inside)) return true
        const again = writes.map((write) => ({
          ...write,
          ...('insert' in write && {
            rows: rowsFor('insert', 'registrations', write).map((row) => ({ ...row, key_hash: `${row.user_id}` })),
          }),
        }))
        return (
          writes.every((write) => 'insert' in write && write.insert === 'registrations') && commit(again as Write[])
        )
      },
    })),
    'upsert replaces nothing': rewritingEach((write) =>
      'upsert' in write ? ({ insert: write.upsert, rows: write.rows } as Write) : write,
    ),
    'upsert replaces every row that has one of the keys': rewriting((writes) =>
      writes.flatMap((write): Write[] => [
        ...rowsFor('upsert', 'account_recoveries', write).map(
          ({ secondary_email_key }): Write => ({ delete: 'account_recoveries', where: { secondary_email_key } }),
        ),
        write,
      ]),
    ),
    'upsert deletes and inserts': rewriting((writes) =>
      writes.flatMap((write): Write[] => [
        ...rowsFor('upsert', 'users', write).map(({ id }): Write => ({ delete: 'users', where: { id } })),
        write,
      ]),
    ),
    'put takes any version': rewritingEach((write) =>
      'put' in write ? ({ upsert: write.put, rows: write.rows } as Write) : write,
    ),
    'of a list the first counts': rewritingEach((write) =>
      withWhere(write, (where) => ({ ...where, ...(where.user_id && { user_id: firstOf(where.user_id) }) })),
    ),
    'guards are forgotten': rewritingEach((write) => {
      const { guarded: _, ...others } = write as Write & { readonly guarded?: true }
      return others as Write
    }),
    'a stopped unit passes for stored': plant(({ commit }) => ({
      commit: async (writes, inside) => (await commit(writes, inside)) || true,
    })),
    'keys are compared with those from before the unit': plant((repository) => ({
      async commit(writes, inside) {
        for (const write of writes) {
          const key = 'update' in write && (write.set as Partial<UserRow>).username_key
          if (key && (await repository.select('users', { username_key: key })).length > 0) return false
        }
        return repository.commit(writes, inside)
      },
    })),
    'values that cannot be stored are changed': rewritingEach(madeStorable),
    'code inside runs once the unit is stored': plant(insideComesLate),
    'code inside runs before the unit': plant((repository) => ({
      async commit(writes, inside) {
        let stored = false
        await repository.commit([], async (transaction) => {
          await inside?.(transaction)
          stored = await repository.with(transaction).commit(writes)
        })
        return stored
      },
    })),
    'code inside runs whatever became of the unit': plant((repository) => ({
      async commit(writes, inside) {
        const stored = await repository.commit(writes, inside)
        if (!stored) await repository.commit([], inside)
        return stored
      },
    })),
    'units are applied write by write': plant(oneByOne),
  },

  'required people': {
    'required people are not looked for': rewriting((writes) => writes.filter((write) => !('require' in write))),
    'required people are looked for by their names alone': plant((repository) => ({
      async commit(writes, inside) {
        const required = writes.flatMap((write) => ('require' in write ? write.rows : []))
        const found = await repository.select('users', { username: required.map(({ username }) => username) })
        const areThere = required.every(({ username }) => found.some((user) => user.username === username))
        const others = writes.filter((write) => !('require' in write))
        return areThere && repository.commit(others, inside)
      },
    })),
    'addresses of required people are not compared': plant(({ commit, select }) => ({
      async commit(writes, inside) {
        const stored = await select('users', {})
        const withStored = (row: NamedUser) => ({ ...row, email: stored.find(({ id }) => id === row.id)?.email ?? '' })
        const changed = writes.map((write) =>
          'require' in write ? { ...write, rows: write.rows.map(withStored) } : write,
        )
        return commit(changed, inside)
      },
    })),
    'of required people only the first counts': rewritingEach((write) =>
      'require' in write ? { ...write, rows: write.rows.slice(0, 1) } : write,
    ),
    'required people are not looked for where rows are added': rewriting((writes) =>
      writes.some((write) => 'insert' in write) ? writes.filter((write) => !('require' in write)) : writes,
    ),
    'rows that are added with a required person replace others': rewriting((writes) =>
      writes.some((write) => 'require' in write) ? writes.map(replacing) : writes,
    ),
  },

  references: {
    'states are made up': makingUp(async (write, { select }) => {
      const rows = (['insert', 'upsert', 'put'] as const).flatMap((kind) => rowsFor(kind, 'retirements', write))
      const known = (await select('retirement_states', {})).map((row) => row.state_name)
      const named = new Set(rows.map((row) => row.current_state).filter((name) => !known.includes(name)))
      const { retirement_states } = sampleRows(0, '')
      return [...named].map((state_name) => ({
        insert: 'retirement_states',
        rows: [{ ...retirement_states, state_name }],
      }))
    }),
    'retirements go with their state': rewriting((writes) =>
      writes.flatMap((write): Write[] =>
        'delete' in write && write.delete === 'retirement_states'
          ? [{ delete: 'retirements', where: {} }, write]
          : [write],
      ),
    ),
    'people are made up': makingUp(async (write, { select }) => {
      const row = 'rows' in write && write.rows[0]
      if (!row || !('user_id' in row) || ('insert' in write && write.insert === 'outbox')) return []
      const isThere = (await select('users', { id: row.user_id })).length > 0
      return isThere ? [] : [{ insert: 'users', rows: [{ ...userRow('unknown'), id: row.user_id }] }]
    }),
    'rows that belong to a person stay': rewritingEach((write) =>
      'delete' in write && write.delete === 'users' ? { update: 'users', set: {}, where: write.where } : write,
    ),
  },

  'big lists': {
    'rows are cut off after a thousand': rewritingEach((write) =>
      'rows' in write ? ({ ...write, rows: write.rows.slice(0, 1000) } as Write) : write,
    ),
  },
}
